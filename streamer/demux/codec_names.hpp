#pragma once

#include <string>

#include "streamer/demux/libav.hpp"
#include "streamer/index/track_info.hpp"

namespace carrel::streamer {

/// `other` for those that the packager does not know.
[[nodiscard]] Codec codec_of(AVCodecID id);

/// libavcodec has a decoder for it that the streamer (sound) or the converter (pictures) is built with.
[[nodiscard]] bool is_decoded(AVCodecID id);

/// As people call it: "AC-3", "MPEG-4 Part 2".
[[nodiscard]] std::string codec_name(AVCodecID id);

}  // namespace carrel::streamer
