#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>

#include "base/unix_time.hpp"
#include "films.hpp"
#include "harness.hpp"

using namespace carrel;
using namespace carrel::jobs;
using store::JobState;
using test::Conversion;
using test::Harness;
using Names = std::vector<std::string>;

namespace {

Conversion& first_conversion(Harness& harness) {
  harness.until([&] { return !harness.conversions.empty(); });
  return harness.conversions.front();
}

void until_state(Harness& harness, const std::string& film, JobState state) {
  harness.until([&] { return harness.job(film, "play").state == state; });
}

}  // namespace

TEST_CASE("a film that does not play is converted and plays then") {
  Harness harness;
  harness.add_film("old", test::indexed_film(false));
  harness.start();
  Conversion& conversion = first_conversion(harness);
  CHECK(conversion.order.request.height == 0);
  CHECK(conversion.order.request.bits_per_second == 8'000'000);
  CHECK(conversion.order.duration == std::chrono::microseconds(test::kHour));
  CHECK(harness.job("old", "play").state == JobState::running);
  conversion.order.on_progress(test::kHour / 2);
  conversion.order.on_progress(test::kHour / 2 + 1);
  CHECK(harness.progress_told == 1);  // the second came within a second
  CHECK(harness.job("old", "play").progress == store::kWholeJob / 2 - 1);
  conversion.write("media", "idx");
  conversion.succeed();
  until_state(harness, "old", JobState::done);
  const auto video = harness.video("old");
  const auto* variant = harness.variants().find(video->row, "play");
  REQUIRE(variant != nullptr);
  CHECK(variant->bytes == 20);
  CHECK(variant->codec == "avc1.640028");
  harness.until([&] { return harness.made_files() == Names{"play.cidx", "play.media"}; });
  const auto open = harness.wait(harness.variants().open(video->row, "play"));
  CHECK(open.value().media);
  const auto none = harness.wait(harness.variants().open(video->row, "720p"));
  CHECK(none.error().kind == ErrorKind::not_found);
  CHECK(harness.states == Names{"waiting", "running", "done"});
}

TEST_CASE("a daemon that was killed goes on with what its converter left") {
  Harness harness;
  harness.add_film("old", test::indexed_film(false));
  harness.start();
  first_conversion(harness).write("half", "x");
  const std::string id = harness.job("old", "play").id;
  harness.restart();
  const Conversion& again = first_conversion(harness);
  CHECK(harness.job("old", "play").id == id);
  CHECK(harness.job("old", "play").tries == 0);
  std::string left(4, '\0');
  CHECK(::pread(again.order.media.get(), left.data(), left.size(), 0) == 4);
  CHECK(left == "half");
  CHECK(::pread(again.order.checkpoint.get(), left.data(), left.size(), 0) == 4);
  CHECK(::pread(again.order.variant_index.get(), left.data(), left.size(), 0) == 0);
  again.write("whole", "idx");
  again.succeed();
  until_state(harness, "old", JobState::done);
  harness.restart();
  CHECK(harness.variants().find(harness.video("old")->row, "play") != nullptr);
  CHECK(harness.variants().bytes() == 20);
  CHECK(harness.variants().begun_bytes() == 0);
}

TEST_CASE("a conversion that fails is tried again, later each time, and then no more") {
  test::HarnessOptions options;
  options.tries = 3;
  Harness harness(options);
  harness.add_film("old", test::indexed_film(false));
  harness.start();
  for (const std::int64_t pause : {60, 300}) {
    CAPTURE(pause);
    const std::int64_t before = unix_now();
    first_conversion(harness).write("half", "x");
    harness.conversions.front().fail(ErrorKind::unavailable, "it died");
    until_state(harness, "old", JobState::waiting);
    const auto job = harness.job("old", "play");
    CHECK(job.reason == "it died");
    CHECK(job.not_before >= before + pause);
    CHECK(job.not_before <= unix_now() + pause);
    CHECK(harness.made_files() == Names{"play.checkpoint", "play.cidx.new", "play.media.new"});
    harness.end_pause(job);
  }
  first_conversion(harness).fail(ErrorKind::unavailable, "it died");
  until_state(harness, "old", JobState::failed);
  CHECK(harness.job("old", "play").tries == 3);
}

TEST_CASE("a job that failed for good keeps its reason and no file, until it is retried") {
  test::HarnessOptions options;
  options.tries = 1;
  Harness harness(options);
  harness.add_film("old", test::indexed_film(false));
  harness.start();
  first_conversion(harness).write("half", "x");
  harness.conversions.front().fail(ErrorKind::unavailable, "it died");
  harness.conversions.clear();
  until_state(harness, "old", JobState::failed);
  harness.until([&] { return harness.made_files().empty(); });
  harness.restart();
  const auto job = harness.job("old", "play");
  CHECK(job.state == JobState::failed);
  CHECK(job.reason == "it died");
  CHECK(job.ended_at.has_value());
  CHECK(harness.conversions.empty());
  const auto retried = harness.wait(harness.jobs().retry(job.id, "anna"));
  CHECK(retried.value().state == JobState::waiting);
  CHECK(retried.value().tries == 0);
  CHECK(retried.value().asked_by == "anna");
  first_conversion(harness).succeed();
  until_state(harness, "old", JobState::done);
  CHECK(harness.wait(harness.jobs().retry(retried.value().id, "anna")).error().kind == ErrorKind::conflict);
}

TEST_CASE("what is the machine's fault is not counted as a try") {
  Harness harness;
  harness.add_film("old", test::indexed_film(false));
  harness.start();
  first_conversion(harness).fail(ErrorKind::busy, "no image");
  until_state(harness, "old", JobState::waiting);
  const auto job = harness.job("old", "play");
  CHECK(job.tries == 0);
  CHECK(job.reason == "no image");
}

TEST_CASE("a running job that is cancelled ends its converter and leaves nothing") {
  Harness harness;
  harness.add_film("old", test::indexed_film(false));
  harness.start();
  first_conversion(harness).write("half", "x");
  const std::string id = harness.job("old", "play").id;
  const auto cancelled = harness.wait(harness.jobs().cancel(id, "anna"));
  CHECK(cancelled.value().state == JobState::cancelled);
  CHECK(cancelled.value().reason == "cancelled by anna");
  CHECK(harness.conversions.front().order.stop->asked());
  harness.until([&] { return harness.made_files().empty(); });
  CHECK(harness.wait(harness.jobs().cancel(id, "anna")).error().kind == ErrorKind::conflict);
  CHECK(harness.wait(harness.jobs().cancel("no", "anna")).error().kind == ErrorKind::not_found);
  harness.restart();
  CHECK(harness.job("old", "play").state == JobState::cancelled);
  CHECK(harness.conversions.empty());
}

TEST_CASE("a waiting job that is cancelled is not started, and can be asked for again") {
  Harness harness;
  harness.add_film("a", test::indexed_film(false));
  harness.add_film("b", test::indexed_film(false));
  harness.start();
  const Conversion& running = first_conversion(harness);
  harness.until([&] { return harness.jobs().list().size() == 2; });
  const auto both = harness.jobs().list();
  REQUIRE(both.size() == 2);
  CHECK(both[0].state == JobState::running);
  CHECK(both[1].state == JobState::waiting);
  harness.wait(harness.jobs().cancel(both[1].id, "anna")).value();
  running.succeed();
  harness.until([&] { return harness.jobs().find(both[0].id)->state == JobState::done; });
  const auto left = harness.jobs().find(both[1].id);
  CHECK(left->state == JobState::cancelled);
  const std::string name = left->video == harness.video("a")->row.id ? "a" : "b";
  harness.conversions.clear();
  const auto again = harness.wait(harness.jobs().ask(harness.video(name), "play", 10, "ben"));
  CHECK(again.value().job.id == both[1].id);
  CHECK(again.value().job.asked_by == "ben");
  first_conversion(harness).succeed();
  harness.until([&] { return harness.jobs().find(both[1].id)->state == JobState::done; });
}

TEST_CASE("a job that is held back goes on later from where it was, and no try is counted") {
  Harness harness;
  harness.add_film("old", test::indexed_film(false));
  harness.start();
  first_conversion(harness).write("half", "x");
  const std::string id = harness.job("old", "play").id;
  harness.jobs().hold(0, "the machine is too hot");
  harness.until([&] { return harness.jobs().find(id)->state == JobState::waiting; });
  CHECK(harness.conversions.size() == 1);
  CHECK(harness.jobs().find(id)->reason == "the machine is too hot");
  CHECK(harness.jobs().find(id)->tries == 0);
  CHECK_FALSE(harness.made_files().empty());
  harness.jobs().hold(std::nullopt, {});
  harness.until([&] { return harness.conversions.size() == 2; });
  char first = '\0';
  CHECK(::pread(harness.conversions.back().order.media.get(), &first, 1, 0) == 1);
  harness.conversions.back().succeed();
  harness.until([&] { return harness.jobs().find(id)->state == JobState::done; });
}

TEST_CASE("a film that changes while it is converted is converted anew") {
  Harness harness;
  harness.add_film("old", test::indexed_film(false));
  harness.start();
  first_conversion(harness).write("half", "x");
  const std::string before = harness.job("old", "play").id;
  harness.change_film("old");
  harness.until([&] { return harness.conversions.size() == 2; });
  CHECK(harness.conversions.front().order.stop->asked());
  const Conversion& anew = harness.conversions.back();
  CHECK(harness.job("old", "play").id != before);
  char first = '\0';
  CHECK(::pread(anew.order.media.get(), &first, 1, 0) == 0);
}

TEST_CASE("a variant of a film that changed is neither used nor kept") {
  Harness harness;
  harness.add_film("old", test::indexed_film(false));
  harness.start();
  first_conversion(harness).write("media", "idx");
  harness.conversions.front().succeed();
  until_state(harness, "old", JobState::done);
  harness.change_film("old");
  harness.until([&] { return harness.conversions.size() == 2; });
  CHECK(harness.variants().all().empty());
  CHECK(harness.variants().find(harness.video("old")->row, "play") == nullptr);
}

TEST_CASE("what can be asked for is checked, and asked twice is one job") {
  test::HarnessOptions options;
  options.policy.workers = 1;
  Harness harness(options);
  harness.add_film("good", test::indexed_film(true));
  harness.start();
  const auto video = harness.video("good");
  for (const char* quality : {"play", "1080p", "", "../x"})
    CHECK(harness.wait(harness.jobs().ask(video, quality, 0, "anna")).error().kind == ErrorKind::invalid);
  const auto first = harness.wait(harness.jobs().ask(video, "720p", 5, "anna")).value().job;
  const auto second = harness.wait(harness.jobs().ask(video, "720p", 1, "ben")).value();
  CHECK(second.job.id == first.id);
  CHECK(second.job.priority == 5);
  CHECK(second.job.asked_by == "anna");
  CHECK_FALSE(second.changed);
  CHECK(harness.wait(harness.jobs().ask(video, "720p", 6, "ben")).value().changed);
  CHECK(first_conversion(harness).order.request.height == 720);
  CHECK(harness.wait(harness.jobs().set_priority(first.id, -3)).value().priority == -3);
  harness.conversions.front().succeed();
  harness.until([&] { return harness.variants().find(video->row, "720p") != nullptr; });
  harness.until([&] { return harness.jobs().find(first.id)->state == JobState::done; });
  CHECK(harness.wait(harness.jobs().ask(video, "720p", 1, "ben")).error().kind == ErrorKind::conflict);
  CHECK(harness.jobs().count_by_state().at(JobState::done) == 1);
  CHECK(harness.jobs().count_by_state().at(JobState::failed) == 0);
}

TEST_CASE("a converter's word that it cannot is the reason") {
  Harness harness;
  harness.add_film("old", test::indexed_film(false));
  harness.start();
  protocol::Converted no;
  no.reason = "the picture is damaged";
  first_conversion(harness).end->set(no);
  harness.until([&] { return harness.job("old", "play").tries == 1; });
  const auto job = harness.job("old", "play");
  CHECK(job.reason == "the picture is damaged");
  CHECK(job.state == JobState::failed);  // it would say so again
  CHECK(job.not_before == 0);
}

TEST_CASE("what was not the film's fault is tried again, and its reason is known meanwhile") {
  Harness harness;
  harness.add_film("old", test::indexed_film(false));
  harness.start();
  protocol::Converted no;
  no.reason = "no space is left for the result";
  no.may_work_later = true;
  first_conversion(harness).end->set(no);
  harness.until([&] { return harness.job("old", "play").tries == 1; });
  const auto job = harness.job("old", "play");
  CHECK(job.reason == "no space is left for the result");
  CHECK(job.state == JobState::waiting);
  CHECK(job.not_before > 0);
}

TEST_CASE("what somebody asked for is made of what the film has become") {
  Harness harness;
  harness.add_film("good", test::indexed_film(true));
  harness.start();
  const auto id = harness.wait(harness.jobs().ask(harness.video("good"), "720p", 5, "anna")).value().job.id;
  first_conversion(harness).write("half", "x");
  harness.conversions.clear();
  harness.states.clear();
  const auto size = harness.video("good")->row.size;
  SUBCASE("that needs it") {
    harness.change_film("good");
    first_conversion(harness);
    const auto job = *harness.jobs().find(id);
    CHECK(job.state == JobState::running);
    CHECK(job.asked_by == "anna");
    CHECK(job.priority == 5);
    CHECK(job.film_size > size);
    CHECK(harness.states == Names{"waiting", "waiting", "running"});
    std::string left(4, '\0');
    CHECK(::pread(harness.conversions.front().order.media.get(), left.data(), left.size(), 0) == 0);
  }
  SUBCASE("that does not: it says so") {
    auto small = test::indexed_film(true);
    small.tracks[0].width = 640;
    small.tracks[0].height = 360;
    harness.change_film("good", small);
    harness.until([&] { return harness.jobs().find(id)->state == JobState::failed; });
    CHECK(harness.jobs().find(id)->reason.starts_with("the film has changed"));
    harness.until([&] { return harness.made_files().empty(); });
    harness.jobs().wake();
    harness.restart();
    CHECK(harness.jobs().find(id)->state == JobState::failed);
  }
}

TEST_CASE("of a film that could not be read nothing can be made, for that reason") {
  Harness harness;
  protocol::Indexed broken;
  broken.reason = "there is no moov";
  harness.add_film("broken", broken);
  harness.start();
  const auto video = harness.video_in(library::VideoState::failed, "broken");
  const auto asked = harness.wait(harness.jobs().ask(video, "play", 0, "anna"));
  CHECK(asked.error().kind == ErrorKind::conflict);
  CHECK(asked.error().message == "the film could not be read: there is no moov");
}

TEST_CASE("what a converter claims of its picture is bounded") {
  Harness harness;
  harness.add_film("old", test::indexed_film(false));
  harness.start();
  protocol::Converted made;
  made.made = true;
  made.picture = test::picture_track(protocol::TrackUse::remux, "avc1.640028");
  made.picture.bits_per_second = ~std::uint64_t{0};
  first_conversion(harness).write("media", "idx");
  harness.conversions.front().end->set(made);
  until_state(harness, "old", JobState::done);
  const auto video = harness.video("old");
  const auto* variant = harness.variants().find(video->row, "play");
  REQUIRE(variant != nullptr);
  CHECK(variant->bandwidth == 1'000'000'000);
}

TEST_CASE("a film whose worker claims a duration beyond any film's fails") {
  Harness harness;
  auto facts = test::indexed_film(false);
  facts.duration_us = 10'000'000'000'001;
  harness.add_film("endless", facts);
  harness.start();
  const auto video = harness.video_in(library::VideoState::failed, "endless");
  CHECK(video->row.reason.find("duration") != std::string::npos);
  CHECK(harness.conversions.empty());
}

TEST_CASE("what was begun of a film that went is discarded when its room is needed, and the job stays") {
  test::HarnessOptions options;
  options.tries = 3;
  options.policy.max_bytes = 5'000'000'000;  // one such film takes 3.6 GB at 8 Mbit/s
  Harness harness(options);
  harness.add_film("old", test::indexed_film(false));
  harness.start();
  first_conversion(harness).write("half", "x");
  REQUIRE(::ftruncate(harness.conversions.front().order.media.get(), 2'000'000'000) == 0);
  harness.conversions.front().fail(ErrorKind::unavailable, "it died");
  harness.conversions.clear();
  until_state(harness, "old", JobState::waiting);
  const std::string gone = harness.job("old", "play").id;
  harness.remove_film("old");
  harness.until([&] { return harness.gone("old"); });
  harness.add_film("next", test::indexed_film(false));
  CHECK(first_conversion(harness).order.request.height == 0);
  CHECK(harness.jobs().find(gone)->state == JobState::waiting);
  CHECK(harness.variants().begun_bytes() < 2'000'000'000);
  CHECK(harness.made_files() == Names{"play.checkpoint", "play.cidx.new", "play.media.new"});
}
