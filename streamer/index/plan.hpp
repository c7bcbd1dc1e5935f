#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "streamer/index/format.hpp"

/// Where a film is cut into segments. Pure; times are presentation times of the whole, shifted film.
namespace carrel::streamer {

inline constexpr std::uint32_t kSegmentSeconds = 6;
/// The first ones: short for a quick start, and growing so slowly that a line half as fast again as the film
/// never lets the player run dry.
inline constexpr std::array<std::uint32_t, 4> kFirstSegmentsSeconds{2, 2, 2, 4};

/// How long the segment of this number, from 0, is wished to be.
[[nodiscard]] constexpr std::uint32_t wished_seconds(std::size_t segment) {
  return segment < kFirstSegmentsSeconds.size() ? kFirstSegmentsSeconds[segment] : kSegmentSeconds;
}

/// A point in time that the audio follows: `ticks` of 1/`timescale` seconds.
struct CutTime {
  std::int64_t ticks = 0;
  std::uint32_t timescale = 1;
};

/// Cuts video at samples marked kSampleSync, each nearest to the wished_seconds(). A tail
/// shorter than a third of a segment goes to the one before. `start`: decoding time of the first sample.
[[nodiscard]] std::vector<SegmentRecord> plan_video(std::span<const SampleRecord> samples,
                                                    std::uint64_t start, std::uint32_t timescale);

/// Cuts audio at the samples nearest to `cuts` (ascending), and beyond the last of them every 6 s.
[[nodiscard]] std::vector<SegmentRecord> plan_audio(std::span<const SampleRecord> samples,
                                                    std::uint64_t start, std::uint32_t timescale,
                                                    std::span<const CutTime> cuts);

/// The presentation times at which segments after the first begin, and the end of the last.
[[nodiscard]] std::vector<CutTime> cut_times(std::span<const SampleRecord> samples,
                                             std::span<const SegmentRecord> segments,
                                             std::uint32_t timescale);

}  // namespace carrel::streamer
