#pragma once

#include <cstdint>
#include <string_view>

#include "streamer/protocol/message.hpp"

/// Bits of Serve::plays beside those of Plays, and their names in URLs.
namespace carrel::protocol {

/// For playlists of a whole film: the picture as the film has it is not offered.
inline constexpr std::uint32_t kVariantsOnly = std::uint32_t{1} << 31;
/// For the original: an MP4 whose HEVC is marked `hev1` is marked `hvc1`, which is all that some players
/// know, where its parameter sets stand beside the picture.
inline constexpr std::uint32_t kMarkHvc1 = std::uint32_t{1} << 30;

/// "h264,aac": the names of Plays with commas between them. What is no such name is passed over: a later
/// client may know more codecs.
[[nodiscard]] std::uint32_t parse_plays(std::string_view list);

/// By its codec string: LC, and HE-AAC of both versions. Who says "AAC" means these: browsers refuse the
/// others (Main, LTP, …).
[[nodiscard]] constexpr bool is_usual_aac(std::string_view codec) {
  return codec == "mp4a.40.2" || codec == "mp4a.40.5" || codec == "mp4a.40.29";
}

}  // namespace carrel::protocol
