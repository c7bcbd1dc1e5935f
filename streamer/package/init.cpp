#include "streamer/package/init.hpp"

#include <algorithm>

#include "streamer/index/view.hpp"
#include "streamer/package/box.hpp"
#include "streamer/package/missing.hpp"
#include "streamer/package/package.hpp"
#include "streamer/package/sample_entry.hpp"

namespace carrel::streamer {
namespace {

constexpr std::uint32_t kTrackId = 1;

void write_matrix(BoxWriter& out, const Matrix& matrix) {
  for (const std::int32_t value : matrix) out.u32(static_cast<std::uint32_t>(value));
}

void write_movie_header(BoxWriter& out) {
  const auto mvhd = out.box("mvhd");
  out.version(0).u32(0).u32(0).u32(1000).u32(0);  // times unknown, timescale, duration: in the fragments
  out.u32(0x00010000).u16(0x0100).zeros(10);      // rate 1, volume 1
  write_matrix(out, kUnityMatrix);
  out.zeros(24).u32(kTrackId + 1);
}

/// Width or height in 16.16.
std::uint32_t fixed(std::uint64_t pixels) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(pixels, 0xffff) << 16);
}

void write_track_header(BoxWriter& out, const TrackInfo& info) {
  constexpr std::uint32_t enabled_in_movie_and_preview = 7;
  const bool video = info.kind == MediaKind::video;
  const auto tkhd = out.box("tkhd");
  out.version(0, enabled_in_movie_and_preview).u32(0).u32(0).u32(kTrackId).u32(0).u32(0).zeros(8);
  out.u16(0).u16(video ? 0 : 1).u16(video ? 0 : 0x0100).u16(0);  // layer, group of alternatives, volume
  write_matrix(out, info.matrix);
  const std::uint64_t width = std::uint64_t{info.width} * info.aspect_width / info.aspect_height;
  out.u32(video ? fixed(width) : 0).u32(video ? fixed(info.height) : 0);
}

/// ISO 639-2 in three times five bits (ISO/IEC 14496-12 section 8.4.2); anything else is undetermined.
std::uint32_t packed_language(const std::string& language) {
  const bool letters = language.size() == 3 && std::all_of(language.begin(), language.end(),
                                                           [](char c) { return c >= 'a' && c <= 'z'; });
  std::uint32_t packed = 0;
  for (const char c : letters ? language : std::string("und"))
    packed = packed << 5 | static_cast<std::uint32_t>(c - 'a' + 1);
  return packed;
}

void write_media_headers(BoxWriter& out, const TrackInfo& info) {
  {
    const auto mdhd = out.box("mdhd");
    out.version(0).u32(0).u32(0).u32(info.timescale).u32(0).u16(packed_language(info.language)).u16(0);
  }
  const auto hdlr = out.box("hdlr");
  out.version(0).u32(0).text(info.kind == MediaKind::video ? "vide" : "soun").zeros(12).zeros(1);
}

void write_media_information_header(BoxWriter& out, MediaKind kind) {
  {
    const auto header = out.box(kind == MediaKind::video ? "vmhd" : "smhd");
    if (kind == MediaKind::video) {
      out.version(0, 1).zeros(8);
    } else {
      out.version(0).zeros(4);
    }
  }
  const auto dinf = out.box("dinf");
  const auto dref = out.box("dref");
  out.version(0).u32(1);
  const auto url = out.box("url ");
  out.version(0, 1);  // in this file
}

Result<void> write_sample_table(BoxWriter& out, const IndexView::Track& track) {
  const auto stbl = out.box("stbl");
  {
    const auto stsd = out.box("stsd");
    out.version(0).u32(1);
    const auto written = write_sample_entry(out, track);
    if (!written) return written;
  }
  for (const std::string_view empty : {"stts", "stsc", "stco"}) {
    const auto table = out.box(empty);
    out.version(0).u32(0);
  }
  const auto stsz = out.box("stsz");
  out.version(0).u32(0).u32(0);
  return {};
}

Result<void> write_track(BoxWriter& out, const IndexView::Track& track) {
  const auto trak = out.box("trak");
  write_track_header(out, track.info);
  const auto mdia = out.box("mdia");
  write_media_headers(out, track.info);
  const auto minf = out.box("minf");
  write_media_information_header(out, track.info.kind);
  return write_sample_table(out, track);
}

void write_fragment_defaults(BoxWriter& out) {
  constexpr std::uint32_t depends_on_nothing = 0x02000000;
  const auto mvex = out.box("mvex");
  const auto trex = out.box("trex");
  out.version(0).u32(kTrackId).u32(1).u32(0).u32(0).u32(depends_on_nothing);
}

}  // namespace

Result<Packaged> init_of(const IndexView::Track& track) {
  BoxWriter out;
  {
    const auto ftyp = out.box("ftyp");
    out.text("iso6").u32(0).text("iso6").text("cmfc").text("mp41");
  }
  {
    const auto moov = out.box("moov");
    write_movie_header(out);
    const auto written = write_track(out, track);
    if (!written) return written.error();
    write_fragment_defaults(out);
  }
  Packaged packaged;
  packaged.content_type = track.info.kind == MediaKind::video ? "video/mp4" : "audio/mp4";
  packaged.body.emplace_back(out.take());
  return packaged;
}

Result<Packaged> package_init(const IndexView& index, std::uint32_t track) {
  const IndexView::Track* found = index.playable_track(track);
  if (found == nullptr) return no_track(track);
  return init_of(*found);
}

}  // namespace carrel::streamer
