#include "streamer/transcode/source_span.hpp"

#include <algorithm>
#include <cstdlib>

#include "streamer/index/ticks.hpp"

namespace carrel::streamer {
namespace {

constexpr std::int64_t kMostLength = 1 << 20;
constexpr std::int64_t kFarAway = std::int64_t{1} << 60;  // from anything that is told

/// Lays coded samples side by side.
class Layout {
 public:
  Layout(const TrackInfo& info, std::uint64_t start, std::int64_t length)
      : info_(info),
        length_(length),
        rounding_(std::max(info.sample_rate / info.timescale, info.sample_rate / 1000) + 1),
        tolerance_(info.sample_rate / 200 + rounding_),
        ticks_(static_cast<std::int64_t>(start)) {}

  /// Where the next one begins, which lasts `duration` ticks by the film's own word.
  std::int64_t next(std::uint32_t duration) {
    const std::int64_t told = rescale(ticks_, info_.timescale, info_.sample_rate);
    ticks_ += duration;
    if (length_ == 0) return told;
    if (std::abs(expected_ - told) > tolerance_) {
      ++odd_;
      expected_ = told;
    } else if (std::abs(expected_ - told) > rounding_) {
      ++odd_;
    }
    const std::int64_t position = expected_;
    expected_ += length_;
    return position;
  }
  /// Those that rounding to a tick, or to a millisecond by an earlier container, does not explain.
  [[nodiscard]] std::size_t odd() const { return odd_; }

 private:
  const TrackInfo& info_;
  std::int64_t length_, rounding_, tolerance_, ticks_;
  std::int64_t expected_ = -kFarAway;
  std::size_t odd_ = 0;
};

/// The mean length over stretches that are long enough for the rounding not to matter; their median, so that
/// gaps do not either.
std::int64_t likely_length(const IndexView::Track& track) {
  constexpr std::size_t stretches = 63, least = 32;
  const TrackInfo& info = track.info;
  const std::size_t count = track.samples.size() - 1;  // the last one's duration is often a guess
  const std::size_t wished = std::max<std::size_t>(least, 4 * (info.sample_rate / info.timescale) + 1);
  const std::size_t stretch = std::min(count, wished);
  std::vector<std::int64_t> lengths;
  for (std::size_t i = 0; i < stretches; ++i) {
    const std::size_t from = (count - stretch) / stretches * i;
    std::int64_t ticks = 0;
    for (const SampleRecord& sample : track.samples.subspan(from, stretch)) ticks += sample.duration;
    const std::int64_t unit = static_cast<std::int64_t>(stretch) * info.timescale;
    __extension__ typedef __int128 Wide;
    const Wide length = (Wide{ticks} * info.sample_rate + unit / 2) / unit;
    lengths.push_back(static_cast<std::int64_t>(std::min<Wide>(length, kMostLength + 1)));
  }
  std::ranges::nth_element(lengths, lengths.begin() + stretches / 2);
  return lengths[stretches / 2];
}

}  // namespace

std::int64_t even_length(const IndexView::Track& track) {
  constexpr std::size_t fewest = 4, samples_for_an_odd_one = 20;
  if (track.samples.size() < fewest) return 0;
  const std::int64_t length = likely_length(track);
  if (length == 0 || length > kMostLength) return 0;
  Layout layout(track.info, track.segments.front().start, length);
  for (const SampleRecord& sample : track.samples) static_cast<void>(layout.next(sample.duration));
  return layout.odd() <= track.samples.size() / samples_for_an_odd_one + 1 ? length : 0;
}

SourceSpan span_of(const IndexView::Track& track, std::int64_t from, std::int64_t to) {
  SourceSpan span;
  const std::int64_t length = even_length(track);
  if (length == 0) {
    const std::int64_t half_tick = track.info.sample_rate / track.info.timescale / 2;
    span.slack = std::max<std::int64_t>(half_tick, track.info.sample_rate / 2000) + 1;
  }
  Layout layout(track.info, track.segments.front().start, length);
  for (std::size_t i = 0; i < track.samples.size(); ++i) {
    const std::int64_t position = layout.next(track.samples[i].duration);
    if (position >= to || span.positions.size() >= kMostSpanSamples) break;
    if (position <= from) {
      span.first = i;
      span.positions.clear();
    }
    span.positions.push_back(position);
  }
  return span;
}

}  // namespace carrel::streamer
