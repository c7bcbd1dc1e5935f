#include "streamer/package/sample_entry.hpp"

#include <algorithm>

#include "streamer/package/bandwidth.hpp"

namespace carrel::streamer {
namespace {

struct EntryNames {
  std::string_view entry, config;
};

/// By the codec, and where it has several sample entries by its string.
EntryNames names_of(const TrackInfo& info) {
  const std::string_view named = std::string_view(info.codec_string).substr(0, 4);
  switch (info.codec) {
    case Codec::h264: return {named == "avc3" ? "avc3" : "avc1", "avcC"};
    case Codec::hevc: return {named == "hev1" ? "hev1" : "hvc1", "hvcC"};  // Safari plays hvc1, not hev1
    case Codec::av1: return {"av01", "av1C"};
    case Codec::vp9: return {"vp09", "vpcC"};
    case Codec::aac:
    case Codec::mp3: return {"mp4a", "esds"};
    case Codec::opus: return {"Opus", "dOps"};
    case Codec::flac: return {"fLaC", "dfLa"};
    case Codec::vp8: return {"vp08", "vpcC"};
    case Codec::ac3: return {"ac-3", "dac3"};
    case Codec::eac3: return {"ec-3", "dec3"};
    case Codec::alac: return {"alac", "alac"};
    case Codec::dts: return {named == "dtsh" || named == "dtsl" || named == "dtse" ? named : "dtsc", "ddts"};
    case Codec::other: break;
  }
  return {};
}

bool is_video(Codec codec) {
  return codec == Codec::h264 || codec == Codec::hevc || codec == Codec::av1 || codec == Codec::vp9 ||
         codec == Codec::vp8;
}

/// ISO/IEC 14496-1 section 8.3.3: a length in four groups of seven bits.
BoxWriter& descriptor(BoxWriter& out, std::uint32_t tag, std::size_t length) {
  const auto bytes = static_cast<std::uint32_t>(length);
  out.u8(tag);
  for (const int shift : {21, 14, 7}) out.u8((bytes >> shift & 0x7f) | 0x80);
  return out.u8(bytes & 0x7f);
}

/// ISO/IEC 14496-1 section 7.2.6: ES, decoder configuration and sync layer descriptors.
void write_esds(BoxWriter& out, const IndexView::Track& track) {
  constexpr std::uint32_t aac = 0x40, mpeg1_audio = 0x6b, mpeg2_audio = 0x69;
  constexpr std::uint32_t lowest_mpeg1_rate = 32000;
  constexpr std::size_t head = 5, decoder_config = 13, es = 3, sync_layer = 1;
  const TrackInfo& info = track.info;
  const std::uint32_t mp3 = info.sample_rate >= lowest_mpeg1_rate ? mpeg1_audio : mpeg2_audio;
  const std::size_t specific = info.config.empty() ? 0 : head + info.config.size();
  const Bandwidth rate = bandwidth_of(track);
  out.version(0);
  descriptor(out, 3, es + head + decoder_config + specific + head + sync_layer).u16(0).u8(0);
  descriptor(out, 4, decoder_config + specific).u8(info.codec == Codec::aac ? aac : mp3).u8(0x15).u24(0);
  out.u32(static_cast<std::uint32_t>(rate.peak)).u32(static_cast<std::uint32_t>(rate.average));
  if (specific > 0) descriptor(out, 5, info.config.size()).text(info.config);
  descriptor(out, 6, sync_layer).u8(2);
}

void write_colour(BoxWriter& out, const Colour& colour) {
  if (!colour.present) return;
  const auto colr = out.box("colr");
  out.text("nclx")
      .u16(colour.primaries)
      .u16(colour.transfer)
      .u16(colour.matrix)
      .u8(colour.full_range ? 0x80 : 0);
}

/// ISO/IEC 14496-12 sections 12.1.6 and 12.1.7.
void write_light(BoxWriter& out, std::string_view type, const std::string& payload) {
  if (payload.empty()) return;
  const auto light = out.box(type);
  out.text(payload);
}

void write_video(BoxWriter& out, const TrackInfo& info, const EntryNames& names) {
  constexpr std::uint32_t dots_per_inch_72 = 0x00480000;
  constexpr std::uint32_t largest = 0xffff;
  const auto entry = out.box(names.entry);
  out.zeros(6).u16(1).zeros(16);  // reserved, data reference 1, pre-defined and reserved
  out.u16(std::min(info.width, largest)).u16(std::min(info.height, largest));
  out.u32(dots_per_inch_72).u32(dots_per_inch_72).u32(0).u16(1);
  out.zeros(32).u16(0x18).u16(0xffff);  // no compressor name, 24 bits deep, pre-defined -1
  {
    const auto config = out.box(names.config);
    out.text(info.config);
  }
  write_colour(out, info.colour);
  write_light(out, "mdcv", info.mastering_display);
  write_light(out, "clli", info.content_light);
  const auto pasp = out.box("pasp");
  out.u32(info.aspect_width).u32(info.aspect_height);
}

void write_audio(BoxWriter& out, const IndexView::Track& track, const EntryNames& names) {
  constexpr std::uint32_t opus_rate = 48000;  // whatever the source's was (Opus in ISOBMFF section 4.3.1)
  const TrackInfo& info = track.info;
  const std::uint32_t rate = info.codec == Codec::opus ? opus_rate : info.sample_rate;
  const auto entry = out.box(names.entry);
  out.zeros(6).u16(1).zeros(8);
  out.u16(info.channels).u16(info.bits_per_sample).u32(0);
  out.u32(rate <= 0xffff ? rate << 16 : 0);  // 16.16; a higher rate stands in the codec's configuration
  const auto config = out.box(names.config);
  if (names.config == "esds") {
    write_esds(out, track);
  } else {
    out.text(info.config);
  }
}

}  // namespace

Result<void> write_sample_entry(BoxWriter& out, const IndexView::Track& track) {
  const TrackInfo& info = track.info;
  const EntryNames names = names_of(info);
  const MediaKind kind = is_video(info.codec) ? MediaKind::video : MediaKind::audio;
  if (names.entry.empty() || info.kind != kind)
    return make_error(ErrorKind::invalid, "the film's index is damaged (a track's codec); index it again");
  if (kind == MediaKind::video) {
    write_video(out, info, names);
  } else {
    write_audio(out, track, names);
  }
  return {};
}

}  // namespace carrel::streamer
