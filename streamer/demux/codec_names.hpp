#pragma once

#include <string>

#include "streamer/demux/libav.hpp"
#include "streamer/index/track_info.hpp"

namespace carrel::streamer {

/// `other` for those that the packager does not know.
[[nodiscard]] Codec codec_of(AVCodecID id);

/// The streamer (sound) or the converter (pictures) is built with a decoder for it, and a sound's takes these
/// parameters.
[[nodiscard]] bool is_decoded(const AVCodecParameters& codec);

/// As people call it: "AC-3", "MPEG-4 Part 2".
[[nodiscard]] std::string codec_name(AVCodecID id);

}  // namespace carrel::streamer
