// Asking for a conversion again and again.
#include <doctest/doctest.h>

#include "films.hpp"
#include "harness.hpp"

using namespace carrel;
using namespace carrel::jobs;
using store::JobState;
using test::Harness;

TEST_CASE("a job that failed a short while ago stays failed, unless it is asked for without a rest") {
  Harness harness;
  harness.add_film("good", test::indexed_film(true));
  harness.start();
  const auto video = harness.video("good");
  CHECK(harness.wait(harness.jobs().ask(video, "720p", 5, "anna")).value().changed);
  harness.until([&] { return !harness.conversions.empty(); });
  harness.conversions.front().fail(ErrorKind::invalid, "no picture");
  harness.until([&] { return harness.job("good", "720p").state == JobState::failed; });
  const auto refused =
      harness.wait(harness.jobs().ask(video, "720p", 5, "anna", std::chrono::hours(1))).error();
  CHECK(refused.kind == ErrorKind::conflict);
  CHECK(refused.message == "it failed a short while ago: no picture");
  CHECK(harness.job("good", "720p").state == JobState::failed);
  CHECK(harness.wait(harness.jobs().ask(video, "720p", 5, "anna")).value().changed);
  CHECK(harness.job("good", "720p").state != JobState::failed);
}

TEST_CASE("a job is found by its film and quality, and once it was dropped the next one is") {
  test::HarnessOptions options;
  options.policy.workers = 0;
  Harness harness(options);
  harness.add_film("good", test::indexed_film(true));
  harness.add_film("other", test::indexed_film(true));
  harness.start();
  const auto ask = [&](const std::string& film, const std::string& quality) {
    return harness.wait(harness.jobs().ask(harness.video(film), quality, 0, "anna")).value().job.id;
  };
  const auto id_of = [&](const std::string& film, const std::string& quality) {
    const auto job = harness.jobs().of(harness.video(film)->row.id, quality);
    return job ? job->id : "none";
  };
  const std::string high = ask("good", "720p");
  const std::string low = ask("good", "480p");
  const std::string others = ask("other", "480p");
  CHECK(ask("good", "480p") == low);
  const auto check = [&](const std::string& good_high, const std::string& good_low) {
    CHECK(id_of("good", "720p") == good_high);
    CHECK(id_of("good", "480p") == good_low);
    CHECK(id_of("good", "360p") == "none");
    CHECK(id_of("good", "") == "none");
    CHECK(id_of("other", "720p") == "none");
    CHECK(id_of("other", "480p") == others);
  };
  check(high, low);
  harness.restart();
  check(high, low);
  bool removed = false;
  boost::asio::co_spawn(harness.loop(), harness.jobs().remove_film(harness.video("good")->row.id),
                        [&](std::exception_ptr) { removed = true; });
  harness.until([&] { return removed; });
  check("none", "none");
  const std::string again = ask("good", "720p");
  CHECK(again != high);
  check(again, "none");
}
