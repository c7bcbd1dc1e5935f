#pragma once

#include <cstdint>
#include <string>

#include "streamer/demux/libav.hpp"
#include "streamer/index/track_info.hpp"

namespace carrel::streamer {

/// `other` for those that the packager does not know.
[[nodiscard]] Codec codec_of(AVCodecID id);

/// The streamer (sound) or the converter (pictures) is built with a decoder for it, and a sound's takes these
/// parameters.
[[nodiscard]] bool is_decoded(const AVCodecParameters& codec);

inline constexpr std::uint32_t kBoxedWebVtt = MKTAG('w', 'v', 't', 't');

/// What the stream is coded with; also of the text of MP4 that libavformat knows no codec of (ISO/IEC
/// 14496-12 section 12.6, 14496-30).
[[nodiscard]] AVCodecID codec_id_of(const AVCodecParameters& codec);
[[nodiscard]] bool is_subtitle(const AVCodecParameters& codec);

/// As people call it: "AC-3", "MPEG-4 Part 2".
[[nodiscard]] std::string codec_name(AVCodecID id);

}  // namespace carrel::streamer
