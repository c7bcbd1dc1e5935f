#include "streamer/index/plan.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "streamer/index/layout.hpp"
#include "streamer/index/ticks.hpp"

namespace carrel::streamer {
namespace {

using Cuts = std::vector<std::size_t>;  // the first samples of segments; the first is 0

/// Decoding times from `start`, one more than samples: the last is the end.
std::vector<std::int64_t> decoding_times(std::span<const SampleRecord> samples, std::uint64_t start) {
  std::vector<std::int64_t> times;
  times.reserve(samples.size() + 1);
  auto time = static_cast<std::int64_t>(start);
  for (const SampleRecord& sample : samples) {
    times.push_back(time);
    time += sample.duration;
  }
  times.push_back(time);
  return times;
}

std::vector<SegmentRecord> segments_of(std::span<const SampleRecord> samples,
                                       std::span<const std::int64_t> times, const Cuts& cuts) {
  std::vector<SegmentRecord> segments;
  segments.reserve(cuts.size());
  for (std::size_t i = 0; i < cuts.size(); ++i) {
    const std::size_t first = cuts[i];
    const std::size_t end = i + 1 < cuts.size() ? cuts[i + 1] : samples.size();
    SegmentRecord segment;
    segment.first_sample = static_cast<std::uint32_t>(first);
    segment.sample_count = static_cast<std::uint32_t>(end - first);
    segment.start = static_cast<std::uint64_t>(times[first]);
    segment.duration = static_cast<std::uint64_t>(times[end] - times[first]);
    const auto own = samples.subspan(first, end - first);
    for (const SampleRecord& sample : own) segment.bytes += sample.size;
    const SegmentLayout layout = layout_of(own);
    segment.mdat_bytes = layout.mdat_bytes;
    segment.runs = layout.runs;
    segments.push_back(segment);
  }
  return segments;
}

void fold_tail(Cuts& cuts, std::span<const std::int64_t> times, std::int64_t least) {
  if (cuts.size() > 1 && times.back() - times[cuts.back()] < least) cuts.pop_back();
}

/// Walks forward through audio samples, which are heard when they are decoded, cutting at the one nearest to
/// each wished time.
class AudioCutter {
 public:
  AudioCutter(std::span<const SampleRecord> samples, std::span<const std::int64_t> times)
      : samples_(samples), times_(times) {}

  void cut_near(std::int64_t wished) {
    while (at_ + 1 < samples_.size() && distance(at_ + 1, wished) <= distance(at_, wished)) ++at_;
    if (times_[at_] > times_[cuts_.back()]) cuts_.push_back(at_);
  }
  [[nodiscard]] Cuts& cuts() { return cuts_; }
  /// Decoding time of the sample after the one that the walk has come to; nothing is left to cut after the
  /// last.
  [[nodiscard]] std::optional<std::int64_t> next_time() const {
    return at_ + 1 < samples_.size() ? std::optional(times_[at_ + 1]) : std::nullopt;
  }

 private:
  [[nodiscard]] std::int64_t distance(std::size_t sample, std::int64_t wished) const {
    return std::abs(times_[sample] - wished);
  }

  std::span<const SampleRecord> samples_;
  std::span<const std::int64_t> times_;
  std::size_t at_ = 0;
  Cuts cuts_{0};
};

}  // namespace

std::vector<SegmentRecord> plan_video(std::span<const SampleRecord> samples, std::uint64_t start,
                                      std::uint32_t timescale) {
  if (samples.empty()) return {};
  const auto times = decoding_times(samples, start);
  Cuts cuts{0};
  std::size_t best = 0;  // 0: none yet
  for (std::size_t i = 1; i < samples.size(); ++i) {
    if ((samples[i].flags & kSampleSync) == 0 || times[i] <= times[cuts.back()]) continue;
    const std::int64_t length = std::int64_t{wished_seconds(cuts.size() - 1)} * timescale;
    const std::int64_t wished = times[cuts.back()] + length;
    if (best == 0 || std::abs(times[i] - wished) < std::abs(times[best] - wished)) {
      best = i;
      continue;
    }
    cuts.push_back(best);
    i = best;  // the samples in between are candidates again
    best = 0;
  }
  if (best != 0) cuts.push_back(best);
  fold_tail(cuts, times, std::int64_t{kSegmentSeconds} * timescale / 3);
  return segments_of(samples, times, cuts);
}

std::vector<SegmentRecord> plan_audio(std::span<const SampleRecord> samples, std::uint64_t start,
                                      std::uint32_t timescale, std::span<const CutTime> cuts) {
  if (samples.empty()) return {};
  const auto times = decoding_times(samples, start);
  AudioCutter cutter(samples, times);
  std::int64_t last = times.front();
  for (const CutTime& cut : cuts) {
    last = rescale(cut.ticks, cut.timescale, timescale);
    cutter.cut_near(last);
  }
  // Where the picture's cuts lead there is only a sliver to avoid; audio on its own has its tail folded as
  // video has.
  fold_tail(cutter.cuts(), times, std::max<std::int64_t>(std::int64_t{timescale} / 2, 1));
  const std::int64_t step = std::int64_t{kSegmentSeconds} * timescale;
  const std::size_t led = cutter.cuts().size();
  for (last += step; last < times.back(); last += step) {
    cutter.cut_near(last);
    const auto next = cutter.next_time();
    if (!next) break;
    // A sample may last for years by its film's word: no walking through them step by step.
    last += std::max<std::int64_t>(*next - last, 0) / step / 2 * step;
  }
  if (cutter.cuts().size() > led) fold_tail(cutter.cuts(), times, step / 3);
  return segments_of(samples, times, cutter.cuts());
}

std::vector<CutTime> cut_times(std::span<const SampleRecord> samples, std::span<const SegmentRecord> segments,
                               std::uint32_t timescale) {
  std::vector<CutTime> times;
  if (segments.empty()) return times;
  for (const SegmentRecord& segment : segments.subspan(1)) {
    const std::int64_t offset = samples[segment.first_sample].composition_offset;
    times.push_back({static_cast<std::int64_t>(segment.start) + offset, timescale});
  }
  const SegmentRecord& last = segments.back();
  times.push_back({static_cast<std::int64_t>(last.start + last.duration), timescale});
  return times;
}

}  // namespace carrel::streamer
