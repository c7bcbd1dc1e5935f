#pragma once

#include <cstdint>
#include <span>

#include "streamer/index/format.hpp"

/// How fast the pictures of a track come. Pure.
namespace carrel::streamer {

struct FrameRate {
  std::uint32_t shown = 0;  ///< pictures that are to be seen; those that an edit list hides pass in a tick
  /// In 1,000 s, over half a second at their fastest; 0: they come evenly, so that the average over all says it.
  std::uint32_t highest_milliframes = 0;
  bool operator==(const FrameRate&) const = default;
};

[[nodiscard]] FrameRate frame_rate_of(std::span<const SampleRecord> samples, std::uint32_t timescale);

/// Pictures in 1,000 s: the most that come, over no less than half a second (RFC 8216bis section 4.4.6.2,
/// FRAME-RATE). `ticks`: how long all of them are shown.
[[nodiscard]] std::uint64_t milliframes(const FrameRate& rate, std::uint64_t ticks, std::uint32_t timescale);

}  // namespace carrel::streamer
