#include "streamer/index/track_info.hpp"

#include <algorithm>
#include <limits>

namespace carrel::streamer {

std::pair<std::uint32_t, std::uint32_t> shown_size(const TrackInfo& track) {
  constexpr std::uint64_t limit = std::numeric_limits<std::uint32_t>::max();
  const std::uint64_t num = track.aspect_width;
  const std::uint64_t den = std::max<std::uint32_t>(track.aspect_height, 1);
  const std::uint64_t wide = std::min((track.width * num + den / 2) / den, limit);
  const auto width = static_cast<std::uint32_t>(wide);
  const bool quarter_turn = track.matrix[0] == 0 && track.matrix[4] == 0 && track.matrix[1] != 0;
  if (quarter_turn) return {track.height, width};
  return {width, track.height};
}

}  // namespace carrel::streamer
