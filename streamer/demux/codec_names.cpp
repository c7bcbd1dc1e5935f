#include "streamer/demux/codec_names.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "streamer/libav/owners.hpp"

namespace carrel::streamer {
namespace {

/// scripts/build-ffmpeg's picture_decoders.
constexpr std::array kPictures{
    AV_CODEC_ID_H264,      AV_CODEC_ID_HEVC,       AV_CODEC_ID_AV1,        AV_CODEC_ID_VP8,
    AV_CODEC_ID_VP9,       AV_CODEC_ID_MPEG1VIDEO, AV_CODEC_ID_MPEG2VIDEO, AV_CODEC_ID_MPEG4,
    AV_CODEC_ID_MSMPEG4V1, AV_CODEC_ID_MSMPEG4V2,  AV_CODEC_ID_MSMPEG4V3,  AV_CODEC_ID_H261,
    AV_CODEC_ID_H263,      AV_CODEC_ID_H263I,      AV_CODEC_ID_H263P,      AV_CODEC_ID_FLV1,
    AV_CODEC_ID_VC1,       AV_CODEC_ID_VC1IMAGE,   AV_CODEC_ID_WMV1,       AV_CODEC_ID_WMV2,
    AV_CODEC_ID_WMV3,      AV_CODEC_ID_WMV3IMAGE,  AV_CODEC_ID_MJPEG,      AV_CODEC_ID_MJPEGB,
    AV_CODEC_ID_AMV,       AV_CODEC_ID_THEORA,     AV_CODEC_ID_VP3,        AV_CODEC_ID_VP5,
    AV_CODEC_ID_VP6,       AV_CODEC_ID_VP6A,       AV_CODEC_ID_VP6F,       AV_CODEC_ID_RV10,
    AV_CODEC_ID_RV20,      AV_CODEC_ID_RV30,       AV_CODEC_ID_RV40,       AV_CODEC_ID_SVQ1,
    AV_CODEC_ID_SVQ3,      AV_CODEC_ID_CINEPAK,    AV_CODEC_ID_INDEO2,     AV_CODEC_ID_INDEO3,
    AV_CODEC_ID_INDEO4,    AV_CODEC_ID_INDEO5,     AV_CODEC_ID_PRORES,     AV_CODEC_ID_DNXHD,
    AV_CODEC_ID_CFHD,      AV_CODEC_ID_HUFFYUV,    AV_CODEC_ID_FFVHUFF,    AV_CODEC_ID_FFV1,
    AV_CODEC_ID_UTVIDEO,   AV_CODEC_ID_MAGICYUV,   AV_CODEC_ID_LAGARITH,   AV_CODEC_ID_RAWVIDEO,
    AV_CODEC_ID_V210,      AV_CODEC_ID_V308,       AV_CODEC_ID_V408,       AV_CODEC_ID_V410,
    AV_CODEC_ID_YUV4,      AV_CODEC_ID_R210,       AV_CODEC_ID_DVVIDEO,    AV_CODEC_ID_JPEG2000,
    AV_CODEC_ID_PNG,       AV_CODEC_ID_GIF,        AV_CODEC_ID_BMP,        AV_CODEC_ID_WEBP,
    AV_CODEC_ID_QTRLE,     AV_CODEC_ID_RPZA,       AV_CODEC_ID_SMC,        AV_CODEC_ID_8BPS,
    AV_CODEC_ID_MSRLE,     AV_CODEC_ID_MSVIDEO1,   AV_CODEC_ID_SNOW,       AV_CODEC_ID_CAVS,
    AV_CODEC_ID_FLASHSV,   AV_CODEC_ID_FLASHSV2,   AV_CODEC_ID_TSCC,       AV_CODEC_ID_TSCC2,
    AV_CODEC_ID_ZMBV,      AV_CODEC_ID_CSCD,       AV_CODEC_ID_FRAPS,      AV_CODEC_ID_HAP,
    AV_CODEC_ID_CYUV,      AV_CODEC_ID_ASV1,       AV_CODEC_ID_ASV2,       AV_CODEC_ID_CLJR,
    AV_CODEC_ID_MSS1,      AV_CODEC_ID_MSS2,       AV_CODEC_ID_MTS2,       AV_CODEC_ID_G2M};

bool opens(const AVCodecParameters& codec) {
  const AVCodec* decoder = avcodec_find_decoder(codec.codec_id);
  if (decoder == nullptr) return false;
  const libav::Context context(avcodec_alloc_context3(decoder));
  return context && avcodec_parameters_to_context(context.get(), &codec) >= 0 &&
         avcodec_open2(context.get(), decoder, nullptr) >= 0;
}

}  // namespace

bool is_decoded(const AVCodecParameters& codec) {
  if (codec.codec_type == AVMEDIA_TYPE_AUDIO) return opens(codec);
  return std::ranges::find(kPictures, codec.codec_id) != kPictures.end();
}

Codec codec_of(AVCodecID id) {
  switch (id) {
    case AV_CODEC_ID_H264: return Codec::h264;
    case AV_CODEC_ID_HEVC: return Codec::hevc;
    case AV_CODEC_ID_AV1: return Codec::av1;
    case AV_CODEC_ID_VP8: return Codec::vp8;
    case AV_CODEC_ID_VP9: return Codec::vp9;
    case AV_CODEC_ID_AAC: return Codec::aac;
    case AV_CODEC_ID_MP3: return Codec::mp3;
    case AV_CODEC_ID_OPUS: return Codec::opus;
    case AV_CODEC_ID_FLAC: return Codec::flac;
    case AV_CODEC_ID_AC3: return Codec::ac3;
    case AV_CODEC_ID_EAC3: return Codec::eac3;
    case AV_CODEC_ID_ALAC: return Codec::alac;
    case AV_CODEC_ID_DTS: return Codec::dts;
    default: return Codec::other;
  }
}

AVCodecID codec_id_of(const AVCodecParameters& codec) {
  switch (codec.codec_tag) {
    case kBoxedWebVtt: return AV_CODEC_ID_WEBVTT;
    case MKTAG('s', 't', 'p', 'p'): return AV_CODEC_ID_TTML;
    case MKTAG('s', 'b', 't', 't'): return AV_CODEC_ID_TEXT;
    default: return codec.codec_id;
  }
}

bool is_subtitle(const AVCodecParameters& codec) {
  return codec.codec_type == AVMEDIA_TYPE_SUBTITLE || codec_id_of(codec) != codec.codec_id;
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
    case AV_CODEC_ID_WMV1: return "Windows Media Video 7";
    case AV_CODEC_ID_WMV2: return "Windows Media Video 8";
    case AV_CODEC_ID_WMV3: return "Windows Media Video 9";
    case AV_CODEC_ID_MSMPEG4V1:
    case AV_CODEC_ID_MSMPEG4V2:
    case AV_CODEC_ID_MSMPEG4V3: return "Microsoft MPEG-4";
    case AV_CODEC_ID_FLV1: return "Sorenson Spark";
    case AV_CODEC_ID_VP6:
    case AV_CODEC_ID_VP6A:
    case AV_CODEC_ID_VP6F: return "VP6";
    case AV_CODEC_ID_WMAV1:
    case AV_CODEC_ID_WMAV2:
    case AV_CODEC_ID_WMAPRO:
    case AV_CODEC_ID_WMALOSSLESS: return "Windows Media Audio";
    case AV_CODEC_ID_MP1: return "MP1";
    case AV_CODEC_ID_MLP: return "MLP";
    case AV_CODEC_ID_AAC_LATM: return "AAC (LATM)";
    case AV_CODEC_ID_AMR_NB:
    case AV_CODEC_ID_AMR_WB: return "AMR";
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
    case AV_CODEC_ID_S302M: return "SMPTE 302M";
    case AV_CODEC_ID_GSM:
    case AV_CODEC_ID_GSM_MS: return "GSM";
    case AV_CODEC_ID_G723_1: return "G.723.1";
    case AV_CODEC_ID_TTML: return "TTML";
    case AV_CODEC_ID_EIA_608: return "CEA-608";
    case AV_CODEC_ID_NONE: return "unknown";
    default: break;
  }
  const std::string_view name = avcodec_get_name(id);
  if (name.starts_with("pcm_")) return "PCM";
  return std::string(name.starts_with("adpcm_") ? "ADPCM" : name);
}

}  // namespace carrel::streamer
