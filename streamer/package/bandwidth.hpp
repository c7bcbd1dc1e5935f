#pragma once

#include <cstdint>
#include <span>

#include "streamer/index/view.hpp"

namespace carrel::streamer {

struct RenditionSegment;

struct Bandwidth {
  std::uint64_t peak = 0;     ///< of the segment with the highest rate, bits a second, rounded up
  std::uint64_t average = 0;  ///< over all segments, bits a second, rounded up
  bool operator==(const Bandwidth&) const = default;
};

/// As a client sees it (RFC 8216 section 4.3.4.2): whole segments, boxes included.
[[nodiscard]] Bandwidth bandwidth_of(const IndexView::Track& track);
[[nodiscard]] Bandwidth bandwidth_of(std::span<const RenditionSegment> segments, std::uint32_t timescale);

/// The peak segment bit rate of RFC 8216bis section 4.1: of any run of segments that lasts from a half to one
/// and a half of `target` s. Where none does, that of the segment with the highest. Bits a second, rounded
/// up.
[[nodiscard]] std::uint64_t peak_rate(std::span<const RenditionSegment> segments, std::uint32_t timescale,
                                      std::uint64_t target);

}  // namespace carrel::streamer
