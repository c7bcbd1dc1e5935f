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

}  // namespace carrel::streamer
