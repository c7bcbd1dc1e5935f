#include <doctest/doctest.h>

#include "streamer/package/package.hpp"
#include "streamer/package/segment_size.hpp"
#include "tests/unit/media/index_file.hpp"

using namespace carrel;
using namespace carrel::streamer;
using namespace carrel::streamer::testing;

namespace {

std::uint64_t number(std::string_view bytes, std::size_t at, std::size_t length) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < length; ++i) value = value << 8 | static_cast<unsigned char>(bytes.at(at + i));
  return value;
}

/// The payload of the box at the end of the path, e.g. {"moov", "trak"}; empty when there is none.
std::string_view find(std::string_view bytes, std::initializer_list<std::string_view> path) {
  for (const std::string_view name : path) {
    bool found = false;
    for (std::size_t at = 0; at + 8 <= bytes.size();) {
      const std::uint64_t size = number(bytes, at, 4);
      REQUIRE(size >= 8);
      REQUIRE(size <= bytes.size() - at);
      if (bytes.substr(at + 4, 4) == name) {
        bytes = bytes.substr(at + 8, size - 8);
        found = true;
        break;
      }
      at += size;
    }
    if (!found) return {};
  }
  return bytes;
}

FilmIndex large_film(std::uint32_t sample_bytes, std::size_t samples) {
  FilmIndex film = small_film();
  film.film_bytes = std::uint64_t{1} << 41;
  film.tracks.resize(1);
  film.tracks[0].samples = run_of(samples, 1, 1000, sample_bytes, std::uint64_t{5} << 32);
  const std::uint64_t bytes = std::uint64_t{sample_bytes} * samples;
  film.tracks[0].segments = {{0, static_cast<std::uint32_t>(samples), 9, samples, bytes, bytes}};
  return film;
}

}  // namespace

TEST_CASE("init segment of a picture") {
  FilmIndex film = small_film();
  film.tracks[0].info.colour = {true, 1, 1, 1, false};
  film.tracks[0].info.mastering_display = std::string(24, 'm');
  film.tracks[0].info.content_light = "\3\xe8\1\x90";
  const auto packaged = package_init(*view_of(film), 0).value();
  CHECK(packaged.content_type == "video/mp4");
  const std::string bytes = text_of(packaged.body);
  CHECK(find(bytes, {"ftyp"}).substr(0, 4) == "iso6");
  CHECK(number(find(bytes, {"moov", "trak", "mdia", "mdhd"}), 12, 4) == 25);
  const std::string_view tkhd = find(bytes, {"moov", "trak", "tkhd"});
  CHECK(tkhd.size() == 84);
  CHECK(number(tkhd, 76, 4) == 640U << 16);
  CHECK(find(bytes, {"moov", "mvex", "trex"}).size() == 24);
  CHECK(find(bytes, {"moov", "trak", "edts"}).empty());
  const std::string_view stsd = find(bytes, {"moov", "trak", "mdia", "minf", "stbl", "stsd"});
  const std::string_view entry = find(stsd.substr(8), {"avc1"}).substr(78);
  CHECK(find(entry, {"avcC"}) == film.tracks[0].info.config);
  CHECK(find(entry, {"colr"}) == std::string_view("nclx\0\1\0\1\0\1\0", 11));
  CHECK(number(find(entry, {"pasp"}), 0, 8) == 0x100000001);
  CHECK(find(entry, {"mdcv"}) == film.tracks[0].info.mastering_display);
  CHECK(find(entry, {"clli"}) == film.tracks[0].info.content_light);

  film.tracks[0].info.mastering_display.clear();
  film.tracks[0].info.content_light.clear();
  const std::string plain = text_of(package_init(*view_of(film), 0).value().body);
  CHECK(plain.find("mdcv") == std::string::npos);
  CHECK(plain.find("clli") == std::string::npos);
}

TEST_CASE("init segment of sound") {
  const auto packaged = package_init(*view_of(small_film()), 1).value();
  CHECK(packaged.content_type == "audio/mp4");
  const std::string bytes = text_of(packaged.body);
  CHECK(number(find(bytes, {"moov", "trak", "mdia", "mdhd"}), 20, 2) ==
        ((7 << 10) | (5 << 5) | 18));  // "ger"
  const std::string_view stsd = find(bytes, {"moov", "trak", "mdia", "minf", "stbl", "stsd"});
  const std::string_view entry = find(stsd.substr(8), {"mp4a"});
  CHECK(number(entry, 16, 2) == 2);
  CHECK(number(entry, 24, 4) == 48000U << 16);
  const std::string_view esds = find(entry.substr(28), {"esds"});
  CHECK(number(esds, 8, 1) == esds.size() - 9);  // the ES descriptor ends with the box
  CHECK(esds.find(std::string_view("\x05\x80\x80\x80\x02\x11\x90", 7)) != std::string_view::npos);
}

TEST_CASE("the sample entry of DTS is the one that its codec string names") {
  FilmIndex film = small_film();
  TrackInfo& sound = film.tracks[1].info;
  sound.codec = Codec::dts;
  for (const std::string name : {"dtsc", "dtsh", "dtsl", "dtse", "dts"}) {
    sound.codec_string = name;
    const std::string bytes = text_of(package_init(*view_of(film), 1).value().body);
    const std::string_view stsd = find(bytes, {"moov", "trak", "mdia", "minf", "stbl", "stsd"});
    CHECK(find(find(stsd.substr(8), {name == "dts" ? "dtsc" : name}).substr(28), {"ddts"}) == sound.config);
  }
}

TEST_CASE("a segment is a moof that describes exactly the film bytes after it") {
  FilmIndex film = small_film();
  film.tracks[0].info.reordered = true;
  film.tracks[0].samples[1].composition_offset = -2;
  film.tracks[0].samples[30].offset = 3;  // two more runs
  const auto view = view_of(film);
  const auto packaged = package_segment(*view, 0, 0).value();
  REQUIRE(packaged.body.size() == 4);
  CHECK(std::get<FilmBytes>(packaged.body[1]) == FilmBytes{1000, 3000});
  CHECK(std::get<FilmBytes>(packaged.body[2]) == FilmBytes{3, 100});
  CHECK(std::get<FilmBytes>(packaged.body[3]) == FilmBytes{4100, 1900});

  const std::string& head = std::get<MadeBytes>(packaged.body[0]);
  const std::uint64_t moof = number(head, 0, 4);
  CHECK(moof + 8 == head.size());
  CHECK(number(head, moof, 4) == 5008);
  CHECK(head.substr(moof + 4) == "mdat");
  CHECK(head.size() + 5000 == segment_bytes(film.tracks[0].info, film.tracks[0].segments[0]));
  const std::string_view traf = find(head, {"moof", "traf"});
  CHECK(number(find(traf, {"tfhd"}), 0, 4) == 0x020000);
  CHECK(number(find(traf, {"tfdt"}), 0, 4) == 0x01000000);
  const std::string_view trun = find(traf, {"trun"});
  CHECK(number(trun, 0, 4) == 0x01000f01);
  CHECK(number(trun, 4, 4) == 50);
  CHECK(number(trun, 8, 4) == head.size());
  CHECK(number(trun, 12, 4) == 1);
  CHECK(number(trun, 16, 4) == 100);
  CHECK(number(trun, 20, 4) == 0x02000000);
  CHECK(number(trun, 36, 4) == 0x01010000);
  CHECK(number(trun, 40, 4) == 0xfffffffe);
}

TEST_CASE("a segment with small gaps between its samples is one range of the film, in as many runs") {
  FilmIndex film = small_film();
  SegmentRecord& segment = film.tracks[0].segments[0];
  for (std::size_t i = 20; i < segment.sample_count; ++i) film.tracks[0].samples[i].offset += 50;
  segment.mdat_bytes = 5050;
  segment.runs = 2;
  const auto packaged = package_segment(*view_of(film), 0, 0).value();
  REQUIRE(packaged.body.size() == 2);
  CHECK(std::get<FilmBytes>(packaged.body[1]) == FilmBytes{1000, 5050});

  const std::string& head = std::get<MadeBytes>(packaged.body[0]);
  const std::uint64_t moof = number(head, 0, 4);
  CHECK(moof + 8 == head.size());
  CHECK(number(head, moof, 4) == 5058);
  CHECK(head.size() + 5050 == segment_bytes(film.tracks[0].info, segment));
  const std::string_view traf = find(head, {"moof", "traf"});
  const std::string_view first = find(traf, {"trun"});
  CHECK(number(first, 4, 4) == 20);
  CHECK(number(first, 8, 4) == head.size());
  const std::string_view second = traf.substr(static_cast<std::size_t>(first.end() - traf.begin()));
  CHECK(second.substr(4, 4) == "trun");
  CHECK(number(second, 12, 4) == segment.sample_count - 20);
  CHECK(number(second, 16, 4) == head.size() + 2050);

  film.tracks[0].segments[0].runs = 1;  // as if somebody had written another layout into the index
  CHECK(package_segment(*view_of(film), 0, 0).error().kind == ErrorKind::invalid);
}

TEST_CASE("sound has no flags and no composition offsets in its runs") {
  const auto packaged = package_segment(*view_of(small_film()), 1, 1).value();
  const std::string_view traf = find(std::get<MadeBytes>(packaged.body[0]), {"moof", "traf"});
  CHECK(number(find(traf, {"trun"}), 0, 4) == 0x01000301);
  CHECK(number(find(traf, {"tfdt"}), 4, 8) == 94 * 1024);
  CHECK(packaged.body.size() == 2);
}

TEST_CASE("films beyond 4 GiB: offsets, and segments that need a long mdat") {
  const auto small = package_segment(*view_of(large_film(1000, 10)), 0, 0).value();
  CHECK(std::get<FilmBytes>(small.body.at(1)) == FilmBytes{std::uint64_t{5} << 32, 10000});

  const std::uint32_t sample = 200U << 20;
  const auto large = package_segment(*view_of(large_film(sample, 30)), 0, 0).value();
  const std::string& head = std::get<MadeBytes>(large.body.at(0));
  const std::uint64_t moof = number(head, 0, 4);
  CHECK(number(head, moof, 4) == 1);
  CHECK(number(head, moof + 8, 8) == 16 + std::uint64_t{sample} * 30);
  CHECK(number(find(head.substr(0, moof), {"moof", "traf", "trun"}), 8, 4) == moof + 16);
  CHECK(std::get<FilmBytes>(large.body.at(1)).length == std::uint64_t{sample} * 30);
}
