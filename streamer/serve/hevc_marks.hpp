#pragma once

#include <cstdint>
#include <vector>

namespace carrel::streamer {

/// Where an MP4 says `hev1` of HEVC that could as well be marked `hvc1`, since its parameter sets stand in
/// the description (ISO/IEC 14496-15 section 8.4.1): the places of these four letters, ascending. Apple's
/// players know the second mark alone. Looks at few bytes, whatever the film says.
[[nodiscard]] std::vector<std::uint64_t> hevc_marks(int film, std::uint64_t film_bytes);

}  // namespace carrel::streamer
