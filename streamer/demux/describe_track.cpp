#include "streamer/demux/describe_track.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

#include "streamer/demux/codec_config.hpp"
#include "streamer/demux/codec_names.hpp"
#include "streamer/demux/configured_sets.hpp"
#include "streamer/demux/light.hpp"
#include "streamer/index/format.hpp"

namespace carrel::streamer {
namespace {

constexpr std::size_t kMostText = 512;
constexpr int kMostPadding = 1 << 20;  // of sound, samples
constexpr std::uint32_t kEncryptedVideo = MKTAG('e', 'n', 'c', 'v'),
                        kEncryptedAudio = MKTAG('e', 'n', 'c', 'a');

MediaKind kind_of(const AVStream& stream) {
  // A cover picture is a video stream to libav.
  if ((stream.disposition & (AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS)) != 0)
    return MediaKind::other;
  if (is_subtitle(*stream.codecpar)) return MediaKind::subtitle;
  switch (stream.codecpar->codec_type) {
    case AVMEDIA_TYPE_VIDEO: return MediaKind::video;
    case AVMEDIA_TYPE_AUDIO: return MediaKind::audio;
    default: return MediaKind::other;
  }
}

std::string tag_of(const AVStream& stream, const char* key) {
  const AVDictionaryEntry* entry = av_dict_get(stream.metadata, key, nullptr, 0);
  return entry == nullptr ? std::string() : std::string(entry->value, ::strnlen(entry->value, kMostText));
}

/// Null: there is none, or less than `least` bytes.
const std::uint8_t* side_data(const AVStream& stream, AVPacketSideDataType type, std::size_t least) {
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 31, 102)
  const AVPacketSideData* data =
      av_packet_side_data_get(stream.codecpar->coded_side_data, stream.codecpar->nb_coded_side_data, type);
  return data != nullptr && data->size >= least ? data->data : nullptr;
#else
  std::size_t size = 0;
  const std::uint8_t* data = av_stream_get_side_data(&stream, type, &size);
  return size >= least ? data : nullptr;
#endif
}

std::uint32_t in_units(AVRational value, int unit, std::uint32_t most) {
  if (value.num <= 0 || value.den <= 0) return 0;
  return static_cast<std::uint32_t>(
      std::min<std::int64_t>(av_rescale(value.num, unit, value.den), std::int64_t{most}));
}

MasteringDisplay::Point point_of(const AVRational (&from)[2]) {
  constexpr int unit = 50'000;
  return {static_cast<std::uint16_t>(in_units(from[0], unit, 0xffff)),
          static_cast<std::uint16_t>(in_units(from[1], unit, 0xffff))};
}

/// What the container tells; a bitstream may tell the rest.
void describe_light(TrackInfo& info, const AVStream& stream) {
  constexpr int unit = 10'000;
  const std::uint8_t* data =
      side_data(stream, AV_PKT_DATA_MASTERING_DISPLAY_METADATA, sizeof(AVMasteringDisplayMetadata));
  AVMasteringDisplayMetadata found{};
  if (data != nullptr) std::memcpy(&found, data, sizeof found);
  if (found.has_primaries != 0 && found.has_luminance != 0) {
    MasteringDisplay display;
    constexpr std::array<std::size_t, 3> green_blue_red{1, 2, 0};
    for (std::size_t i = 0; i < 3; ++i)
      display.primaries[i] = point_of(found.display_primaries[green_blue_red[i]]);
    display.white = point_of(found.white_point);
    display.most = in_units(found.max_luminance, unit, 0xffffffff);
    display.least = in_units(found.min_luminance, unit, 0xffffffff);
    info.mastering_display = mdcv_payload(display);
  }
  data = side_data(stream, AV_PKT_DATA_CONTENT_LIGHT_LEVEL, sizeof(AVContentLightMetadata));
  if (data != nullptr) {
    AVContentLightMetadata light;
    std::memcpy(&light, data, sizeof light);
    info.content_light = clli_payload(light.MaxCLL, light.MaxFALL);
  }
}

/// The profile where it has no picture for others (Dolby Vision Profiles and Levels): 5, of HEVC, and one of
/// 10, of AV1.
unsigned dolby_vision_alone_of(const AVStream& stream) {
  const std::uint8_t* data =
      side_data(stream, AV_PKT_DATA_DOVI_CONF, sizeof(AVDOVIDecoderConfigurationRecord));
  if (data == nullptr) return 0;
  AVDOVIDecoderConfigurationRecord record;
  std::memcpy(&record, data, sizeof record);
  const bool alone =
      record.dv_profile == 5 || (record.dv_profile == 10 && record.dv_bl_signal_compatibility_id == 0);
  return alone ? record.dv_profile : 0;
}

Colour colour_of(const AVCodecParameters& codec) {
  Colour colour;
  colour.primaries = static_cast<std::uint16_t>(codec.color_primaries);
  colour.transfer = static_cast<std::uint16_t>(codec.color_trc);
  colour.matrix = static_cast<std::uint16_t>(codec.color_space);
  colour.full_range = codec.color_range == AVCOL_RANGE_JPEG;
  colour.present = colour.primaries != 2 || colour.transfer != 2 || colour.matrix != 2;
  return colour;
}

void describe_picture(TrackInfo& info, const AVStream& stream) {
  const AVCodecParameters& codec = *stream.codecpar;
  info.width = static_cast<std::uint32_t>(std::max(codec.width, 0));
  info.height = static_cast<std::uint32_t>(std::max(codec.height, 0));
  const AVRational aspect =
      stream.sample_aspect_ratio.num > 0 ? stream.sample_aspect_ratio : codec.sample_aspect_ratio;
  if (aspect.num > 0 && aspect.den > 0) {
    info.aspect_width = static_cast<std::uint32_t>(aspect.num);
    info.aspect_height = static_cast<std::uint32_t>(aspect.den);
  }
  info.colour = colour_of(codec);
  describe_light(info, stream);
  const std::uint8_t* matrix = side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, sizeof(Matrix));
  if (matrix != nullptr) std::memcpy(info.matrix.data(), matrix, sizeof(Matrix));
}

void describe_sound(TrackInfo& info, const AVCodecParameters& codec) {
  constexpr int most_channels = 255;
  info.sample_rate = static_cast<std::uint32_t>(std::max(codec.sample_rate, 0));
  info.channels = static_cast<std::uint16_t>(std::clamp(codec.ch_layout.nb_channels, 0, most_channels));
  if (codec.ch_layout.order == AV_CHANNEL_ORDER_NATIVE) info.channel_mask = codec.ch_layout.u.mask;
  const int raw_bits =
      codec.bits_per_raw_sample > 0 ? codec.bits_per_raw_sample : codec.bits_per_coded_sample;
  if (raw_bits >= 8 && raw_bits <= 64) info.bits_per_sample = static_cast<std::uint16_t>(raw_bits);
  info.coded_bits = static_cast<std::uint32_t>(std::max(codec.bits_per_coded_sample, 0));
  info.block_bytes = static_cast<std::uint16_t>(std::clamp(codec.block_align, 0, 0xffff));
  info.priming = static_cast<std::uint32_t>(std::clamp(codec.initial_padding, 0, kMostPadding));
  info.trailing = static_cast<std::uint32_t>(std::clamp(codec.trailing_padding, 0, kMostPadding));
}

/// The demuxer counts in num/den seconds; an index in whole parts of a second. A clock that counts pictures
/// (AVI, Ogg) is made finer: the film is shifted by what is no whole picture.
std::string describe_clock(DescribedTrack& track, AVRational unit) {
  if (unit.num <= 0 || unit.den <= 0) return "its clock is damaged";
  av_reduce(&unit.num, &unit.den, unit.num, unit.den, std::numeric_limits<int>::max());
  constexpr std::uint32_t coarse = 1000, fine = 10'000;
  track.info.timescale = static_cast<std::uint32_t>(unit.den);
  track.ticks_per_unit = static_cast<std::uint32_t>(unit.num);
  if (track.info.timescale >= coarse || track.ticks_per_unit > fine) return {};
  const std::uint32_t finer = (fine + track.info.timescale - 1) / track.info.timescale;
  track.info.timescale *= finer;
  track.ticks_per_unit *= finer;
  return {};
}

/// Why nothing can be done with the track.
std::string refusal_of(const AVCodecParameters& codec) {
  if (codec.codec_tag == kEncryptedVideo || codec.codec_tag == kEncryptedAudio) return "is encrypted";
  if (codec.codec_id == AV_CODEC_ID_NONE)
    return "is of a codec that is not known here, or its description is damaged";
  if (codec.extradata_size < 0 || static_cast<std::size_t>(codec.extradata_size) > kMaxConfigBytes)
    return "cannot be described: its parameters are too long";
  return {};
}

/// MPEG-4's number of the AAC that a decoder found where the container tells only of its core (ISO/IEC
/// 14496-3 table 1.17): implicit signalling. 0: nothing beyond that.
unsigned object_type_of(const AVCodecParameters& codec) {
  if (codec.codec_id != AV_CODEC_ID_AAC) return 0;
  if (codec.profile == FF_PROFILE_AAC_HE) return 5;
  return codec.profile == FF_PROFILE_AAC_HE_V2 ? 29 : 0;
}

/// How the packets are framed, by what the container keeps for the decoder. Where it keeps nothing, NAL units
/// cannot be behind lengths: it would have to tell of how many bytes these are.
FramingKind framing_of(Codec codec, const std::string& extradata) {
  const bool nal_units = codec == Codec::h264 || codec == Codec::hevc;
  if (nal_units && (extradata.empty() || begins_with_start_code(extradata))) return FramingKind::annex_b;
  return codec == Codec::aac && extradata.empty() ? FramingKind::adts : FramingKind::as_is;
}

Result<void> configure(DescribedTrack& track) {
  track.framing = framing_of(track.info.codec, track.extradata);
  if (is_described_by_packets(track)) return {};
  if (track.framing == FramingKind::as_is) return configure_codec(track.info, track.extradata);
  return configure_codec(track.info,
                         make_framing(track.framing, track.info.codec, track.extradata)->configuration());
}

std::string why_not_decoded(const DescribedTrack& track) {
  const auto id = static_cast<AVCodecID>(track.info.decoder);
  const bool is_known = track.info.kind == MediaKind::audio && avcodec_find_decoder(id) != nullptr;
  return "is " + track.name +
         (is_known ? ", and its parameters are damaged" : ", which cannot be decoded here");
}

/// How the samples go out: as they are, or decoded. Every sound is decoded, too, for who wants AAC; AAC
/// itself may be of a profile that only players know.
void choose_use(DescribedTrack& track) {
  TrackInfo& info = track.info;
  const bool has_to_be_decoded =
      info.codec == Codec::other || (info.kind == MediaKind::audio && info.codec != Codec::aac);
  if (has_to_be_decoded && !track.is_decoded) {
    track.refusal = why_not_decoded(track);
    return;
  }
  if (info.codec == Codec::other) return have_decoded(track, "is " + track.name);
  track.use = TrackUse::remux;
  const auto configured = configure(track);
  if (!configured) return have_decoded(track, "cannot be described: " + configured.error().message);
  if (info.kind == MediaKind::video) complete_picture(info);
  if (info.kind == MediaKind::video && info.codec != Codec::vp8 && info.codec != Codec::vp9 &&
      !is_described_by_packets(track) && (info.width == 0 || info.height == 0))
    return have_decoded(track, "has no size");
  if (info.kind == MediaKind::audio && (info.sample_rate == 0 || info.channels == 0))
    have_decoded(track, "has no sample rate or no channels");
}

}  // namespace

bool is_described_by_packets(const DescribedTrack& track) {
  return track.framing != FramingKind::as_is && track.extradata.empty();
}

void complete_picture(TrackInfo& info) {
  const auto sequence = sequence_of(info.codec, info.config);
  if (!sequence) return;
  if (info.width == 0 || info.height == 0) {
    info.width = sequence->width;
    info.height = sequence->height;
    if (sequence->aspect_width > 0 && sequence->aspect_height > 0) {
      info.aspect_width = sequence->aspect_width;
      info.aspect_height = sequence->aspect_height;
    }
  }
  if (!info.colour.present) info.colour = sequence->colour;
}

void have_decoded(DescribedTrack& track, std::string obstacle) {
  TrackInfo& info = track.info;
  if (!track.is_decoded) {
    track.use = TrackUse::none;
    track.refusal = std::move(obstacle);
    return;
  }
  const bool video = info.kind == MediaKind::video;
  track.use = video ? TrackUse::convert : TrackUse::transcode;
  track.obstacle = std::move(obstacle);
  // Samples that were framed anew are described so.
  if (track.framing == FramingKind::as_is || info.config.empty()) {
    track.framing = FramingKind::as_is;
    info.config = track.extradata;
  }
  // Where a variant is made of it, or AAC, the codec's own string is of no use to a player.
  info.codec_string = track.name;
}

DescribedTrack describe_track(const AVStream& stream) {
  const AVCodecParameters& codec = *stream.codecpar;
  DescribedTrack track;
  TrackInfo& info = track.info;
  info.kind = kind_of(stream);
  info.is_default = (stream.disposition & AV_DISPOSITION_DEFAULT) != 0;
  info.language = tag_of(stream, "language");
  info.title = tag_of(stream, "title");
  track.name = codec_name(codec_id_of(codec));
  track.bits_per_second = codec.bit_rate > 0 ? static_cast<std::uint64_t>(codec.bit_rate) : 0;
  info.codec_string = track.name;
  if (info.kind == MediaKind::video) describe_picture(info, stream);
  track.dolby_vision_alone = dolby_vision_alone_of(stream);
  if (info.kind == MediaKind::audio) describe_sound(info, codec);
  const std::string clock = describe_clock(track, stream.time_base);
  if (info.kind != MediaKind::video && info.kind != MediaKind::audio) {
    track.refusal = "is neither picture nor sound";
    return track;
  }
  info.codec = codec_of(codec.codec_id);
  track.high_efficiency = object_type_of(codec);
  info.decoder = static_cast<std::uint32_t>(codec.codec_id);
  track.refusal = clock.empty() ? refusal_of(codec) : clock;
  if (!track.refusal.empty()) return track;
  track.is_decoded = is_decoded(codec);
  track.extradata.assign(reinterpret_cast<const char*>(codec.extradata),
                         static_cast<std::size_t>(codec.extradata_size));
  choose_use(track);
  return track;
}

}  // namespace carrel::streamer
