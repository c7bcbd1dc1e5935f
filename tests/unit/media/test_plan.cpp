#include <doctest/doctest.h>

#include "streamer/index/layout.hpp"
#include "streamer/index/plan.hpp"
#include "streamer/index/ticks.hpp"
#include "tests/unit/media/index_file.hpp"

using namespace carrel::streamer;
using testing::run_of;

namespace {

std::vector<std::uint64_t> durations(const std::vector<SegmentRecord>& segments) {
  std::vector<std::uint64_t> result;
  for (const SegmentRecord& segment : segments) result.push_back(segment.duration);
  return result;
}

using Durations = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("video is cut at sync samples: short segments first, then the target") {
  struct Case {
    std::size_t seconds, sync_every;
    Durations expected;
  };
  const Case cases[] = {
      {20, 1, {2, 2, 2, 4, 6, 4}},  // a sync sample each second
      {30, 5, {5, 5, 5, 5, 5, 5}},  // the nearest to 6 s is 5 s
      {24, 4, {4, 4, 4, 4, 4, 4}},  // 4 and 8 are as near: the shorter one
      {25, 10, {10, 10, 5}},        // sparse
      {11, 1, {2, 2, 2, 5}},        // a tail of 1 s is folded
      {12, 1, {2, 2, 2, 4, 2}},     // one of 2 s is not
      {3, 1, {3}},                  // never a sliver
      {7, 100, {7}},                // one sync sample: one segment
      {1, 1, {1}},
  };
  for (const Case& one : cases) {
    CAPTURE(one.seconds);
    CAPTURE(one.sync_every);
    const auto samples = run_of(one.seconds, 1, one.sync_every);
    const auto segments = plan_video(samples, 7, 1);
    CHECK(durations(segments) == one.expected);
    CHECK(segments.front().start == 7);
    for (const SegmentRecord& segment : segments) {
      CHECK((samples[segment.first_sample].flags & kSampleSync) != 0);
      CHECK(segment.bytes == segment.sample_count * 100);
    }
  }
}

TEST_CASE("a line half as fast again as the film never lets a player run dry") {
  constexpr double line = 1.5;
  const auto segments = plan_video(run_of(120, 1, 1), 0, 1);
  double comes = 0, until = 0;
  const double began = static_cast<double>(segments.front().duration) / line;
  for (const SegmentRecord& segment : segments) {
    comes += static_cast<double>(segment.duration) / line;
    if (segment.start > 0) CHECK(comes < began + until);
    until += static_cast<double>(segment.duration);
  }
}

TEST_CASE("samples of no duration never make a segment of none") {
  auto samples = run_of(10, 0, 1);
  samples.back().duration = 1;
  const auto segments = plan_video(samples, 0, 1);
  CHECK(durations(segments) == Durations{1});
  CHECK(plan_video({}, 0, 1).empty());
  CHECK(plan_audio({}, 0, 1, {}).empty());
}

TEST_CASE("audio is cut at the frame nearest to the picture's cuts, and goes on by itself after them") {
  const auto samples = run_of(400, 10, 1);  // 10 ticks of 1/100 s
  const std::vector<CutTime> cuts{{204, 100}, {4, 1}, {996, 100}, {1000, 100}};
  const auto segments = plan_audio(samples, 0, 100, cuts);
  CHECK(durations(segments) == Durations{200, 200, 600, 600, 600, 600, 600, 600});
}

TEST_CASE("audio alone is cut every six seconds") {
  CHECK(durations(plan_audio(run_of(130, 10, 1), 0, 100, {})) == Durations{600, 700});
  CHECK(durations(plan_audio(run_of(150, 10, 1), 0, 100, {})) == Durations{600, 600, 300});
  CHECK(durations(plan_audio(run_of(30, 10, 1), 0, 100, {})) == Durations{300});
}

TEST_CASE("audio that begins late makes no empty segments") {
  const auto segments =
      plan_audio(run_of(100, 10, 1), 500, 100, std::vector<CutTime>{{2, 1}, {4, 1}, {10, 1}, {15, 1}});
  CHECK(durations(segments) == Durations{500, 500});
  CHECK(segments.front().start == 500);
}

TEST_CASE("audio whose samples last for years is planned at once") {
  auto samples = run_of(4, 10, 1);
  for (SampleRecord& sample : samples) sample.duration = 4'000'000'000;
  CHECK(durations(plan_audio(samples, 0, 1, {})) == Durations(4, 4'000'000'000));
}

TEST_CASE("no sliver of no duration follows the picture's last cut, however coarse the clock") {
  auto samples = run_of(10, 1, 1);
  samples.back().duration = 0;
  CHECK(durations(plan_audio(samples, 0, 1, std::vector<CutTime>{{9, 1}})) == Durations{9});
}

TEST_CASE("times are rescaled to the nearest and compared exactly") {
  CHECK(rescale(1, 2, 1) == 1);
  CHECK(rescale(-1, 2, 1) == -1);
  CHECK(rescale(1, 3, 1) == 0);
  CHECK(rescale(std::int64_t{1} << 55, 1'000'000'000, 90000) == 3242591731707);
  CHECK(earlier(1, 3, 34, 100));
  CHECK_FALSE(earlier(1, 3, 1, 3));
}

TEST_CASE("samples with few bytes between them are sent with these, others are put side by side") {
  const auto at = [](std::uint64_t offset, std::uint32_t size) {
    SampleRecord sample;
    sample.offset = offset;
    sample.size = size;
    return sample;
  };
  struct Case {
    std::vector<SampleRecord> samples;
    std::uint64_t mdat_bytes;
    std::uint32_t runs;
  };
  const Case cases[] = {
      {{at(100, 3200), at(3300, 10)}, 3210, 1},
      {{at(100, 3200), at(3400, 3200)}, 6500, 2},                  // a gap of 100
      {{at(100, 3200), at(3500, 3200)}, 6600, 2},                  // 200: just 1/32
      {{at(100, 3200), at(3501, 3200)}, 6400, 1},                  // 201: too much
      {{at(3400, 3200), at(100, 3200)}, 6400, 1},                  // backwards
      {{at(100, 3200), at(100, 3200)}, 6400, 1},                   // the same bytes twice
      {{at(100, 3200), at(0, 0), at(3400, 3200)}, 6500, 2},        // one without bytes
      {{at(100, 3200), at(std::uint64_t{1} << 40, 10)}, 3210, 1},  // far away
      {{at(0, 0)}, 0, 1},
  };
  for (const Case& one : cases) {
    CAPTURE(one.mdat_bytes);
    const SegmentLayout layout = layout_of(one.samples);
    CHECK(layout.mdat_bytes == one.mdat_bytes);
    CHECK(layout.runs == one.runs);
  }
}
