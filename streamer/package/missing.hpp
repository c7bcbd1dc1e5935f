#pragma once

#include <cstdint>

#include "base/error.hpp"

namespace carrel::streamer {

[[nodiscard]] Error no_track(std::uint32_t track);
[[nodiscard]] Error no_segment(std::uint32_t track, std::uint32_t segment);

}  // namespace carrel::streamer
