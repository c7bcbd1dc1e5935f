#include <doctest/doctest.h>

#include "converter/plan/frame_plan.hpp"
#include "streamer/index/plan.hpp"

using namespace carrel;
using namespace carrel::converter;
using streamer::SampleRecord;

namespace {

constexpr std::uint32_t kTimescale = 1000;

SampleRecord sample(std::uint32_t duration, std::int32_t composition, bool sync = false) {
  return {0, 10, duration, composition, sync ? streamer::kSampleSync : 0};
}

/// Groups of I P B B, decoded in that order, 40 ticks each, shown 40 ticks later than decoded.
std::vector<SampleRecord> reordered(std::size_t groups) {
  std::vector<SampleRecord> samples;
  for (std::size_t i = 0; i < groups; ++i) {
    samples.push_back(sample(40, 40, true));
    samples.push_back(sample(40, 120));
    samples.push_back(sample(40, 0));
    samples.push_back(sample(40, 0));
  }
  return samples;
}

std::vector<MadeFrame> in_order(const FramePlan& plan) {
  std::vector<MadeFrame> frames;
  for (const std::int64_t time : plan.times) frames.push_back({7, time});
  return frames;
}

}  // namespace

TEST_CASE("one frame for each of the film's, at the same time, cut where the film is") {
  const auto samples = reordered(300);
  const auto segments = streamer::plan_video(samples, 0, kTimescale);
  REQUIRE(segments.size() > 3);
  const auto plan = plan_frames(samples, segments);
  REQUIRE(plan.has_value());
  CHECK(plan->times.size() == samples.size());
  CHECK(plan->times.front() == 40);
  CHECK(plan->times[1] == 80);
  CHECK(plan->delay == 40);
  REQUIRE(plan->segments.size() == segments.size());
  CHECK(plan->segments[1].may_reorder);

  const auto made = made_track(*plan, in_order(*plan));
  REQUIRE(made.has_value());
  const auto film_cuts = streamer::cut_times(samples, segments, kTimescale);
  const auto own_cuts = streamer::cut_times(made->samples, made->segments, kTimescale);
  REQUIRE(film_cuts.size() == own_cuts.size());
  for (std::size_t i = 0; i < film_cuts.size(); ++i) CHECK(film_cuts[i].ticks == own_cuts[i].ticks);
  for (std::size_t i = 0; i < segments.size(); ++i) {
    CHECK(made->segments[i].start == segments[i].start);
    CHECK(made->segments[i].duration == segments[i].duration);
    CHECK(made->segments[i].runs == 1);
  }
}

TEST_CASE("sync samples are where segments begin and nowhere else") {
  const auto samples = reordered(300);
  const auto segments = streamer::plan_video(samples, 0, kTimescale);
  const auto plan = plan_frames(samples, segments);
  const auto made = made_track(*plan, in_order(*plan));
  std::size_t sync = 0;
  for (const SampleRecord& one : made->samples) sync += (one.flags & streamer::kSampleSync) != 0 ? 1 : 0;
  CHECK(sync == segments.size());
  for (const auto& segment : made->segments)
    CHECK((made->samples[segment.first_sample].flags & streamer::kSampleSync) != 0);
}

TEST_CASE("frames of changing length keep theirs, and where one is longer than the delay none is reordered") {
  std::vector<SampleRecord> samples{sample(40, 40, true), sample(200, 40), sample(10, 40), sample(40, 40)};
  const auto segments = streamer::plan_video(samples, 100, kTimescale);
  const auto plan = plan_frames(samples, segments);
  REQUIRE(plan.has_value());
  CHECK(plan->times == std::vector<std::int64_t>{140, 180, 380, 390});
  CHECK_FALSE(plan->segments.front().may_reorder);
  CHECK(plan->duration(1) == 200);
  CHECK(plan->duration(3) == 40);
}

TEST_CASE("pictures of an open group that are shown before its entry belong to the segment before") {
  // I0 P3 B1 B2 | I6 B4 B5 P7, decoded in that order; the second entry is an open one.
  const std::vector<SampleRecord> samples{sample(40, 40, true), sample(40, 120),       sample(40, 0),
                                          sample(40, 0),        sample(40, 120, true), sample(40, 0),
                                          sample(40, 0),        sample(40, 40)};
  std::vector<streamer::SegmentRecord> segments(2);
  segments[0] = {0, 4, 0, 160, 40, 40, 1, 0};
  segments[1] = {4, 4, 160, 160, 40, 40, 1, 0};
  const auto plan = plan_frames(samples, segments);
  REQUIRE(plan.has_value());
  CHECK(plan->segments[0].frames == 6);
  CHECK(plan->segments[1].frames == 2);
  CHECK(plan->times[plan->segments[1].first_frame] == 280);
  CHECK(plan->segments[1].first_sample == 4);
}

TEST_CASE("an empty sample is no frame") {
  std::vector<SampleRecord> samples{sample(40, 0, true), sample(40, 0), sample(40, 0)};
  samples[1].size = 0;
  const auto plan = plan_frames(samples, streamer::plan_video(samples, 0, kTimescale));
  REQUIRE(plan.has_value());
  CHECK(plan->times == std::vector<std::int64_t>{0, 80});
  CHECK(plan->duration(0) == 80);
}

TEST_CASE("two samples of one time are one frame") {
  const std::vector<SampleRecord> samples{sample(0, 0, true), sample(40, 0), sample(40, 0)};
  const auto plan = plan_frames(samples, streamer::plan_video(samples, 0, kTimescale));
  REQUIRE(plan.has_value());
  CHECK(plan->times == std::vector<std::int64_t>{0, 40});
}

TEST_CASE("segments that do not follow each other are refused") {
  const std::vector<SampleRecord> samples{sample(40, 80, true), sample(40, 0, true)};
  std::vector<streamer::SegmentRecord> segments(2);
  segments[0] = {0, 1, 0, 40, 10, 10, 1, 0};
  segments[1] = {1, 1, 40, 40, 10, 10, 1, 0};
  CHECK(plan_frames(samples, segments).has_error());
  CHECK(plan_frames({}, {}).has_error());
}

TEST_CASE("an encoder that makes another number of frames is found out") {
  const auto samples = reordered(10);
  const auto plan = plan_frames(samples, streamer::plan_video(samples, 0, kTimescale));
  auto frames = in_order(*plan);
  frames.pop_back();
  CHECK(made_track(*plan, frames).has_error());
}
