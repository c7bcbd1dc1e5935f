#pragma once

#include <cstdint>
#include <vector>

#include "streamer/package/rendition.hpp"

namespace carrel::streamer {

/// A picture with which a segment begins: its bytes are those of the segment from `moof` on to its own end.
struct IFrame {
  std::uint32_t segment = 0;
  std::uint64_t duration = 0;  ///< until the next of them is shown, ticks
  std::uint64_t bytes = 0;
};

/// Empty where segments do not begin with pictures that a player can show by themselves.
[[nodiscard]] std::vector<IFrame> iframes_of(const Rendition& picture);
/// As an HLS playlist of them has it.
[[nodiscard]] Bandwidth bandwidth_of(const std::vector<IFrame>& frames, std::uint32_t timescale);

}  // namespace carrel::streamer
