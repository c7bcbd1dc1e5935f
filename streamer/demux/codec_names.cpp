#include "streamer/demux/codec_names.hpp"

#include <string_view>

namespace carrel::streamer {

Codec codec_of(AVCodecID id) {
  switch (id) {
    case AV_CODEC_ID_H264: return Codec::h264;
    case AV_CODEC_ID_HEVC: return Codec::hevc;
    case AV_CODEC_ID_AV1: return Codec::av1;
    case AV_CODEC_ID_VP9: return Codec::vp9;
    case AV_CODEC_ID_AAC: return Codec::aac;
    case AV_CODEC_ID_MP3: return Codec::mp3;
    case AV_CODEC_ID_OPUS: return Codec::opus;
    case AV_CODEC_ID_FLAC: return Codec::flac;
    default: return Codec::other;
  }
}

std::string codec_name(AVCodecID id) {
  switch (id) {
    case AV_CODEC_ID_H264: return "H.264";
    case AV_CODEC_ID_HEVC: return "HEVC";
    case AV_CODEC_ID_AV1: return "AV1";
    case AV_CODEC_ID_VP8: return "VP8";
    case AV_CODEC_ID_VP9: return "VP9";
    case AV_CODEC_ID_MPEG1VIDEO: return "MPEG-1";
    case AV_CODEC_ID_MPEG2VIDEO: return "MPEG-2";
    case AV_CODEC_ID_MPEG4: return "MPEG-4 Part 2";
    case AV_CODEC_ID_H263: return "H.263";
    case AV_CODEC_ID_VC1: return "VC-1";
    case AV_CODEC_ID_MJPEG: return "Motion JPEG";
    case AV_CODEC_ID_PRORES: return "ProRes";
    case AV_CODEC_ID_THEORA: return "Theora";
    case AV_CODEC_ID_AAC: return "AAC";
    case AV_CODEC_ID_MP2: return "MP2";
    case AV_CODEC_ID_MP3: return "MP3";
    case AV_CODEC_ID_OPUS: return "Opus";
    case AV_CODEC_ID_FLAC: return "FLAC";
    case AV_CODEC_ID_ALAC: return "ALAC";
    case AV_CODEC_ID_VORBIS: return "Vorbis";
    case AV_CODEC_ID_AC3: return "AC-3";
    case AV_CODEC_ID_EAC3: return "E-AC-3";
    case AV_CODEC_ID_DTS: return "DTS";
    case AV_CODEC_ID_TRUEHD: return "TrueHD";
    case AV_CODEC_ID_NONE: return "unknown";
    default: break;
  }
  const std::string_view name = avcodec_get_name(id);
  return std::string(name.starts_with("pcm_") ? "PCM" : name);
}

}  // namespace carrel::streamer
