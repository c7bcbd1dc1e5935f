#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Presentation graphics of Blu-ray as .sup files: segments with a header "PG", times in 90 kHz.
namespace carrel::streamer::subtitles {

/// A segment in a packet: type, two bytes of length, data.
struct PgsSegment {
  std::size_t offset = 0, bytes = 0;
};

/// The segments of one packet; what does not hold is left out with all that follows.
[[nodiscard]] std::vector<PgsSegment> pgs_segments(std::string_view packet);

/// The ten bytes before a segment. `us` is on the film's timeline.
[[nodiscard]] std::string sup_header(std::int64_t us);

/// A .sup file with every time moved; `origin_us` is taken away. Damaged ends are left out.
[[nodiscard]] std::string shifted_sup(std::string_view file, std::int64_t origin_us);

}  // namespace carrel::streamer::subtitles
