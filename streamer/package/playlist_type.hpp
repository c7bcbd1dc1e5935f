#pragma once

namespace carrel::streamer {

inline constexpr const char* kPlaylistType = "application/vnd.apple.mpegurl";  ///< RFC 8216 section 4

}  // namespace carrel::streamer
