#pragma once

#include <cstddef>
#include <string>

namespace carrel::streamer {

/// A frame of AAC-LC that is silent, for 1, 2 or 6 channels.
[[nodiscard]] std::string silent_aac_frame(std::size_t channels);

}  // namespace carrel::streamer
