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
