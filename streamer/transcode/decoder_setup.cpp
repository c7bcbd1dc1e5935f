#include "streamer/transcode/decoder_setup.hpp"

#include <algorithm>
#include <string_view>

namespace carrel::streamer {
namespace {

/// RFC 7845 section 5.1 from the dOps box (Opus in ISOBMFF section 4.3.2): the same fields, little endian.
std::string opus_head(std::string config) {
  constexpr std::size_t least = 11;
  if (config.size() < least) return {};
  config[0] = 1;
  for (const auto& [at, length] : {std::pair<int, int>{2, 2}, {4, 4}, {8, 2}})
    std::reverse(config.begin() + at, config.begin() + at + length);
  return "OpusHead" + config;
}

/// The 34 bytes of STREAMINFO behind the headers of dfLa and of the block.
std::string flac_stream_info(const std::string& config) {
  constexpr std::size_t headers = 8, stream_info = 34;
  return config.size() < headers + stream_info ? config : config.substr(headers, stream_info);
}

/// libav wants the box around its payload.
std::string alac_cookie(const std::string& config) {
  using namespace std::string_view_literals;
  constexpr std::size_t cookie = 24, full = 28;
  if (config.size() == cookie)
    return std::string(
               "\0\0\0\x24"
               "alac\0\0\0\0"sv) +
           config;
  if (config.size() == full)
    return std::string(
               "\0\0\0\x24"
               "alac"sv) +
           config;
  return config;
}

}  // namespace

AVCodecID decoder_of(const TrackInfo& info) {
  if (info.decoder != 0) return static_cast<AVCodecID>(info.decoder);
  switch (info.codec) {
    case Codec::aac: return AV_CODEC_ID_AAC;
    case Codec::mp3: return AV_CODEC_ID_MP3;
    case Codec::opus: return AV_CODEC_ID_OPUS;
    case Codec::flac: return AV_CODEC_ID_FLAC;
    case Codec::ac3: return AV_CODEC_ID_AC3;
    case Codec::eac3: return AV_CODEC_ID_EAC3;
    case Codec::alac: return AV_CODEC_ID_ALAC;
    case Codec::dts: return AV_CODEC_ID_DTS;
    default: return AV_CODEC_ID_NONE;
  }
}

std::string extradata_of(const TrackInfo& info) {
  if (info.use != TrackUse::remux) return info.config;
  switch (info.codec) {
    case Codec::aac: return info.config;
    case Codec::opus: return opus_head(info.config);
    case Codec::flac: return flac_stream_info(info.config);
    case Codec::alac: return alac_cookie(info.config);
    default: return {};
  }
}

}  // namespace carrel::streamer
