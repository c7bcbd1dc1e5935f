// Any samples: the plan is a partition of them, and its sums are theirs.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "streamer/index/layout.hpp"
#include "streamer/index/plan.hpp"
#include "tests/fuzz/arbitrary_track.hpp"
#include "tests/fuzz/require.hpp"

namespace {

using namespace carrel::streamer;
using carrel::fuzz::require;
using Samples = std::span<const SampleRecord>;
using Segments = std::span<const SegmentRecord>;

void check_segment(const SegmentRecord& segment, Samples own) {
  std::uint64_t duration = 0;
  std::uint64_t bytes = 0;
  for (const SampleRecord& sample : own) {
    duration += sample.duration;
    bytes += sample.size;
  }
  require(segment.duration == duration && segment.bytes == bytes);
  require(segment.mdat_bytes >= bytes && segment.mdat_bytes - bytes <= bytes / kMostGapsOf);
  require(segment.runs >= 1 && segment.runs <= own.size());
  require(segment.runs > 1 || segment.mdat_bytes == bytes);
}

void check_partition(Segments segments, Samples samples, std::uint64_t start) {
  require(segments.empty() == samples.empty());
  std::size_t next = 0;
  std::uint64_t total = 0;
  for (const SampleRecord& sample : samples) total += sample.duration;
  for (const SegmentRecord& segment : segments) {
    require(segment.first_sample == next && segment.sample_count > 0);
    require(segment.sample_count <= samples.size() - next);
    require(segment.start == start);
    require(segment.duration > 0 || total == 0);
    check_segment(segment, samples.subspan(next, segment.sample_count));
    next += segment.sample_count;
    start += segment.duration;
  }
  require(next == samples.size());
}

/// A player begins at any segment.
void check_cuts(Segments segments, Samples samples) {
  for (const SegmentRecord& segment : segments.subspan(std::min<std::size_t>(1, segments.size())))
    require((samples[segment.first_sample].flags & kSampleSync) != 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  FuzzedDataProvider data(bytes, size);
  const std::uint32_t picture_scale = carrel::fuzz::arbitrary_timescale(data);
  const std::uint32_t sound_scale = carrel::fuzz::arbitrary_timescale(data);
  const std::uint64_t picture_start = data.ConsumeIntegral<std::uint32_t>();
  const std::uint64_t sound_start = data.ConsumeIntegral<std::uint32_t>();
  const auto picture = carrel::fuzz::arbitrary_samples(data);
  const auto sound = carrel::fuzz::arbitrary_samples(data);

  const auto video = plan_video(picture, picture_start, picture_scale);
  check_partition(video, picture, picture_start);
  check_cuts(video, picture);
  auto cuts = cut_times(picture, video, picture_scale);
  require(cuts.size() == video.size());
  std::ranges::sort(cuts, [](const CutTime& a, const CutTime& b) { return a.ticks < b.ticks; });
  check_partition(plan_audio(sound, sound_start, sound_scale, cuts), sound, sound_start);
  check_partition(plan_audio(sound, sound_start, sound_scale, {}), sound, sound_start);
  return 0;
}
