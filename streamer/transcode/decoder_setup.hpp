#pragma once

#include <string>

#include "streamer/index/view.hpp"
#include "streamer/transcode/libav.hpp"

namespace carrel::streamer {

/// libav's number of a track's codec; AV_CODEC_ID_NONE: the index does not say.
[[nodiscard]] AVCodecID decoder_of(const TrackInfo& info);

/// libav's extradata, made again from the payload of the MP4 box that the index has of what is remuxed.
[[nodiscard]] std::string extradata_of(const TrackInfo& info);

}  // namespace carrel::streamer
