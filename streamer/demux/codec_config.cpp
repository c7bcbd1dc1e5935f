#include "streamer/demux/codec_config.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>

#include "streamer/demux/bits.hpp"
#include "streamer/demux/bitstream.hpp"
#include "streamer/index/format.hpp"

namespace carrel::streamer {
namespace {

Error refused(std::string why) {
  return make_error(ErrorKind::invalid, std::move(why));
}

unsigned byte_at(const std::string& bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

template <class... Values>
std::string formatted(const char* format, Values... values) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), format, values...);
  return text.data();
}

/// RFC 6381 section 3.3: profile, constraints and level as avcC has them.
Result<void> configure_h264(TrackInfo& track, const std::string& avcc) {
  if (!make_h264(avcc)) return refused("its H.264 parameters are missing or not in the form that MP4 uses");
  track.config = avcc;
  track.codec_string = formatted("avc1.%02X%02X%02X", byte_at(avcc, 1), byte_at(avcc, 2), byte_at(avcc, 3));
  return {};
}

/// ISO/IEC 14496-15 annex E.3.
Result<void> configure_hevc(TrackInfo& track, const std::string& hvcc) {
  if (!make_hevc(hvcc)) return refused("its HEVC parameters are missing or not in the form that MP4 uses");
  track.config = hvcc;
  const unsigned profile = byte_at(hvcc, 1);
  std::uint32_t compatible = 0;
  for (unsigned i = 0; i < 32; ++i)  // in reverse bit order
    compatible |= (byte_at(hvcc, 2 + i / 8) >> (7 - i % 8) & 1U) << i;
  std::string text = "hvc1.";
  if (profile >> 6 != 0) text += static_cast<char>('A' + (profile >> 6) - 1);
  text += formatted("%u.%X.%c%u", profile & 0x1f, compatible, (profile & 0x20) != 0 ? 'H' : 'L',
                    byte_at(hvcc, 12));
  std::size_t constraints = 6;
  while (constraints > 0 && byte_at(hvcc, 5 + constraints) == 0) --constraints;
  for (std::size_t i = 0; i < constraints; ++i) text += formatted(".%X", byte_at(hvcc, 6 + i));
  track.codec_string = text;
  return {};
}

/// AV1 in ISOBMFF sections 2.3 and 5. The fields behind the depth are there all or none.
Result<void> configure_av1(TrackInfo& track, const std::string& av1c) {
  if (av1c.size() < 4 || byte_at(av1c, 0) != 0x81)
    return refused("its AV1 parameters are missing or damaged");
  track.config = av1c;
  const unsigned levels = byte_at(av1c, 1);
  const unsigned flags = byte_at(av1c, 2);
  const unsigned depth = (flags & 0x40) == 0 ? 8 : (flags & 0x20) == 0 ? 10 : 12;
  track.codec_string =
      formatted("av01.%u.%02u%c.%02u", levels >> 5, levels & 0x1f, (flags & 0x80) != 0 ? 'H' : 'M', depth);
  const unsigned monochrome = flags >> 4 & 1, across = flags >> 3 & 1, down = flags >> 2 & 1;
  const Colour& colour = track.colour;
  if (monochrome == 0 && across == 1 && down == 1 && is_assumed(colour)) return {};
  track.codec_string +=
      formatted(".%u.%u%u%u.%02u.%02u.%02u.%u", monochrome, across, down, across + down == 2 ? flags & 3 : 0U,
                unsigned{colour.primaries}, unsigned{colour.transfer}, unsigned{colour.matrix},
                colour.full_range ? 1U : 0U);
  return {};
}

/// ISO/IEC 14496-3 section 1.6.2.1: the object type at the head of an AudioSpecificConfig, or that which
/// follows it for decoders that know of SBR and parametric stereo (HE-AAC).
Result<void> configure_aac(TrackInfo& track, const std::string& specific) {
  constexpr unsigned low_complexity = 2, spectral_band_replication = 5, parametric_stereo = 29, escape = 31;
  constexpr unsigned extension_sync = 0x2b7, stereo_sync = 0x548, explicit_rate = 15;
  if (specific.size() < 2) return refused("its AAC parameters are missing");
  BitReader bits(std::as_bytes(std::span(specific)));
  const auto object_type = [&bits] {
    const unsigned type = bits.bits(5);
    return type == escape ? 32 + bits.bits(6) : type;
  };
  unsigned type = object_type();
  if (type == 0) return refused("its AAC parameters are damaged");
  if (bits.bits(4) == explicit_rate) static_cast<void>(bits.bits(24));
  const unsigned channels = bits.bits(4);
  if (type == low_complexity && channels != 0) {
    static_cast<void>(bits.bits(1));                    // frame length
    if (bits.flag()) static_cast<void>(bits.bits(14));  // delay of a core coder
    const bool extended = !bits.flag() && bits.bits(11) == extension_sync;
    if (extended && object_type() == spectral_band_replication && bits.flag()) {
      type = spectral_band_replication;
      if (bits.bits(4) == explicit_rate) static_cast<void>(bits.bits(24));
      if (bits.bits(11) == stereo_sync && bits.flag()) type = parametric_stereo;
    }
  }
  track.config = specific;
  track.codec_string = "mp4a.40." + std::to_string(type);
  return {};
}

/// RFC 6381 by way of MPEG-4's table of object types.
Result<void> configure_mp3(TrackInfo& track) {
  track.codec_string = track.sample_rate >= 32000 ? "mp4a.6B" : "mp4a.69";
  return {};
}

/// From an OpusHead (RFC 7845 section 5.1, little endian) to a dOps (Opus in ISOBMFF section 4.3.2, big
/// endian).
Result<void> configure_opus(TrackInfo& track, const std::string& head) {
  constexpr std::size_t fixed = 19;
  if (head.size() < fixed || !head.starts_with("OpusHead"))
    return refused("its Opus header is missing or damaged");
  const unsigned channels = byte_at(head, 9);
  const unsigned mapping = byte_at(head, 18);
  const std::size_t table = mapping == 0 ? 0 : 2 + channels;
  if (channels == 0 || head.size() < fixed + table) return refused("its Opus header is damaged");
  std::string dops(1, '\0');
  dops += head[9];
  dops += {head[11], head[10]};                      // pre-skip
  dops += {head[15], head[14], head[13], head[12]};  // input sample rate
  dops += {head[17], head[16]};                      // output gain
  dops += head.substr(18, 1 + table);
  track.config = dops;
  track.channels = static_cast<std::uint16_t>(channels);
  track.codec_string = "Opus";
  return {};
}

/// Apple Lossless: the box `alac` inside of the sample entry, a full box around 24 bytes; libav keeps it with
/// its head.
Result<void> configure_alac(TrackInfo& track, const std::string& extradata) {
  constexpr std::size_t head = 8, version = 4, cookie = 24;
  if (extradata.size() < head + version + cookie || extradata.compare(4, 4, "alac") != 0)
    return refused("its ALAC parameters are missing or damaged");
  track.config = extradata.substr(head, version + cookie);
  track.codec_string = "alac";
  return {};
}

/// FLAC in ISOBMFF section 3.3.2: dfLa with the STREAMINFO block alone, marked as the last.
Result<void> configure_flac(TrackInfo& track, const std::string& extradata) {
  constexpr std::size_t stream_info = 34;
  const std::size_t at = extradata.starts_with("fLaC") ? 8 : 0;
  if (extradata.size() < at + stream_info) return refused("its FLAC header is missing or damaged");
  const std::string info = extradata.substr(at, stream_info);
  track.config = std::string("\0\0\0\0\x80\0\0\x22", 8) + info;
  BitReader bits(std::as_bytes(std::span(info)).subspan(10));
  track.sample_rate = bits.bits(20);
  track.channels = static_cast<std::uint16_t>(bits.bits(3) + 1);
  track.bits_per_sample = static_cast<std::uint16_t>(bits.bits(5) + 1);
  track.codec_string = "fLaC";
  return {};
}

}  // namespace

bool is_assumed(const Colour& colour) {
  constexpr unsigned bt709 = 1, unspecified = 2;
  const auto assumed = [](unsigned value) { return value == bt709 || value == unspecified; };
  return assumed(colour.primaries) && assumed(colour.transfer) && assumed(colour.matrix) &&
         !colour.full_range;
}

Result<void> configure_codec(TrackInfo& track, const std::string& extradata) {
  if (extradata.size() > kMaxConfigBytes) return refused("its parameters are too long");
  switch (track.codec) {
    case Codec::h264: return configure_h264(track, extradata);
    case Codec::hevc: return configure_hevc(track, extradata);
    case Codec::av1: return configure_av1(track, extradata);
    case Codec::aac: return configure_aac(track, extradata);
    case Codec::mp3: return configure_mp3(track);
    case Codec::opus: return configure_opus(track, extradata);
    case Codec::flac: return configure_flac(track, extradata);
    case Codec::alac: return configure_alac(track, extradata);
    case Codec::vp8:
    case Codec::vp9:
    case Codec::ac3:
    case Codec::eac3:
    case Codec::dts: return {};
    case Codec::other: break;
  }
  return refused("its codec is not supported");
}

}  // namespace carrel::streamer
