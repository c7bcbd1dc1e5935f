#pragma once

#include <cstdint>
#include <string>

namespace carrel::streamer {

inline constexpr const char* kPlaylistType = "application/vnd.apple.mpegurl";  ///< RFC 8216 section 4

/// RFC 8216 section 7: what a playlist asks of its player.
inline constexpr int kDecimalVersion = 3;     ///< durations with decimals
inline constexpr int kFragmentedVersion = 6;  ///< EXT-X-MAP beside whole segments

inline constexpr int kDurationDigits = 9;  ///< of EXTINF: within one tick of any timescale up to 1 GHz

class IndexView;
struct Rendition;

/// Seconds; one number for all media playlists of a film but those of subtitles and I frames (RFC 8216bis
/// section 6.2.4).
[[nodiscard]] std::uint64_t target_duration(const IndexView& index, const Rendition& own);

/// The tags with which every media playlist begins. `longest_seconds`: of its segments, rounded.
[[nodiscard]] std::string playlist_head(int version, std::uint64_t longest_seconds);

}  // namespace carrel::streamer
