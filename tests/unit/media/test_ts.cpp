#include <doctest/doctest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <map>

#include "base/unique_fd.hpp"
#include "streamer/package/offer.hpp"
#include "streamer/package/package.hpp"
#include "streamer/package/ts_plan.hpp"
#include "streamer/respond/read_pieces.hpp"
#include "tests/unit/media/index_file.hpp"

using namespace carrel;
using namespace carrel::streamer;
using namespace carrel::streamer::testing;

namespace {

constexpr std::size_t kFilmBytes = 1'000'000;

/// The film that small_film() describes: every sample of the picture is one NAL unit.
UniqueFd film_file() {
  std::string bytes(kFilmBytes, 'x');
  for (std::size_t at = 1000; at < 1000 + 250 * 100; at += 100)
    bytes.replace(at, 5, std::string_view("\0\0\0\x60\x65", 5));
  UniqueFd fd(::memfd_create("film", MFD_CLOEXEC));
  REQUIRE(::write(fd.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  return fd;
}

std::string segment_of(const FilmIndex& film, std::uint32_t number, std::uint32_t track = 0) {
  const UniqueFd file = film_file();
  const auto packaged = package_ts_segment(view_of(film), track, number).value();
  CHECK(packaged.content_type == "video/mp2t");
  std::string bytes = read_pieces(file.get(), packaged.body).value();
  CHECK(bytes.size() == total_bytes(packaged.body));
  return bytes;
}

struct Pid {
  std::vector<std::string> payloads;  ///< of PES packets or sections
  std::vector<unsigned> counters;     ///< of packets with a payload
  std::vector<std::uint64_t> clocks;  ///< in 1/90,000 s
};

unsigned byte(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes.at(at));
}

/// Takes packets apart as a player does.
std::map<unsigned, Pid> demuxed(std::string_view bytes) {
  std::map<unsigned, Pid> pids;
  REQUIRE(bytes.size() % kTsPacket == 0);
  for (std::size_t at = 0; at < bytes.size(); at += kTsPacket) {
    const std::string_view packet = bytes.substr(at, kTsPacket);
    REQUIRE(byte(packet, 0) == 0x47);
    Pid& pid = pids[(byte(packet, 1) & 0x1f) << 8 | byte(packet, 2)];
    const bool adaptation = (byte(packet, 3) & 0x20) != 0, payload = (byte(packet, 3) & 0x10) != 0;
    const std::size_t skipped = 4 + (adaptation ? byte(packet, 4) + 1 : 0);
    REQUIRE(skipped <= kTsPacket - (payload ? 1 : 0));
    if (adaptation && byte(packet, 4) > 0 && (byte(packet, 5) & 0x10) != 0) {
      std::uint64_t clock = 0;
      for (std::size_t i = 6; i < 10; ++i) clock = clock << 8 | byte(packet, i);
      pid.clocks.push_back(clock << 1 | byte(packet, 10) >> 7);
    }
    if (!payload) continue;
    pid.counters.push_back(byte(packet, 3) & 0xf);
    if ((byte(packet, 1) & 0x40) != 0) pid.payloads.emplace_back();
    REQUIRE(!pid.payloads.empty());
    pid.payloads.back() += packet.substr(skipped);
  }
  return pids;
}

std::uint64_t time_at(std::string_view pes, std::size_t at) {
  return std::uint64_t{byte(pes, at) >> 1 & 7} << 30 | byte(pes, at + 1) << 22 |
         (byte(pes, at + 2) >> 1) << 15 | byte(pes, at + 3) << 7 | byte(pes, at + 4) >> 1;
}

}  // namespace

TEST_CASE("playlists for players that know MPEG-TS alone") {
  const auto view = view_of(small_film());
  CHECK(text_of(package_ts_playlist(*view, 0).value().body) ==
        "#EXTM3U\n"
        "#EXT-X-VERSION:3\n"
        "#EXT-X-TARGETDURATION:6\n"
        "#EXT-X-MEDIA-SEQUENCE:0\n"
        "#EXT-X-PLAYLIST-TYPE:VOD\n"
        "#EXTINF:2.000000000,\n0.ts\n"
        "#EXTINF:2.000000000,\n1.ts\n"
        "#EXTINF:6.000000000,\n2.ts\n"
        "#EXT-X-ENDLIST\n");
  const std::string master = text_of(package_ts_master({*view, {}, 0}).value().body);
  std::uint64_t peak = 0, bytes = 0;
  for (std::uint32_t i = 0; i < 3; ++i) {
    const std::uint64_t size = segment_of(small_film(), i).size();
    peak = std::max(peak, size * 8 / (i == 2 ? 6 : 2));
    bytes += size;
  }
  CHECK(master ==
        "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-INDEPENDENT-SEGMENTS\n"
        "#EXT-X-STREAM-INF:BANDWIDTH=" +
            std::to_string(peak) + ",AVERAGE-BANDWIDTH=" + std::to_string((bytes * 8 + 9) / 10) +
            ",CODECS=\"avc1.64001E,mp4a.40.2\",RESOLUTION=640x360,FRAME-RATE=25.000\n"
            "0/ts/playlist.m3u8\n");
}

TEST_CASE("a segment has its tables, every picture behind a delimiter, and the sound of the same time") {
  const std::string bytes = segment_of(small_film(), 1);
  CHECK(bytes == segment_of(small_film(), 1));
  const auto pids = demuxed(bytes);
  REQUIRE(pids.size() == 4);
  CHECK(pids.at(0).counters == std::vector<unsigned>{1});
  CHECK(pids.at(0x1000).counters == std::vector<unsigned>{1});
  const Pid& picture = pids.at(0x100);
  REQUIRE(picture.payloads.size() == 50);
  const std::string_view first = picture.payloads[0];
  CHECK(first.substr(0, 9) == std::string_view("\0\0\1\xe0\0\0\x84\x80\x05", 9));
  CHECK(time_at(first, 9) == kTsOrigin + 2 * 90'000);
  // Delimiter, the two parameter sets of small_film(), the picture.
  CHECK(first.substr(14, 6) == std::string_view("\0\0\0\1\x09\xf0", 6));
  CHECK(first.substr(20, 10) == std::string_view("\0\0\0\1\x67\0\0\0\1\x68", 10));
  CHECK(first.substr(30, 6) == std::string_view("\0\0\0\1\x65x", 6));
  CHECK(first.size() == 14 + 6 + 10 + 100);
  CHECK(picture.payloads[1].size() == 14 + 6 + 100);
  CHECK(picture.clocks.size() == 50);
  CHECK(picture.clocks.front() == kTsOrigin + 2 * 90'000 - 45'000);

  const Pid& sound = pids.at(0x101);
  std::size_t frames = 0;
  for (const std::string& pes : sound.payloads) {
    CHECK(byte(pes, 3) == 0xc0);
    CHECK((byte(pes, 4) << 8 | byte(pes, 5)) == pes.size() - 6);
    for (std::size_t at = 14; at < pes.size(); at += 17) {
      CHECK(pes.substr(at, 7) == std::string_view("\xff\xf1\x4c\x80\x02\x3f\xfc", 7));
      CHECK(pes.substr(at + 7, 10) == "xxxxxxxxxx");
      ++frames;
    }
  }
  CHECK(frames == 94);  // heard from 2 s on: 94 · 1024 / 48000 ≥ 2
  CHECK(time_at(sound.payloads.front(), 9) == kTsOrigin + 94 * 1024 * 90 / 48);
}

TEST_CASE("counters go on from every segment to the next") {
  for (const std::uint32_t pid : {0x100U, 0x101U}) {
    for (std::uint32_t i = 0; i < 3; ++i) {
      const auto counters = demuxed(segment_of(small_film(), i)).at(pid).counters;
      CHECK(counters.size() % 16 == 0);
      for (std::size_t n = 0; n < counters.size(); ++n) REQUIRE(counters[n] == n % 16);
    }
  }
}

TEST_CASE("any range of a segment is that range") {
  const std::string whole = segment_of(small_film(), 0);
  const UniqueFd file = film_file();
  const auto packaged = package_ts_segment(view_of(small_film()), 0, 0).value();
  for (const std::size_t offset : {std::size_t{0}, std::size_t{187}, std::size_t{1000}, whole.size() - 300}) {
    Pieces slice;
    append_slice(slice, packaged.body, offset, 300);
    CHECK(read_pieces(file.get(), slice).value() == whole.substr(offset, 300));
  }
}

TEST_CASE("nothing is shown before it is decoded, and pictures out of order have both times") {
  FilmIndex film = small_film();
  film.tracks[0].info.reordered = true;
  for (std::size_t i = 0; i < 250; ++i) film.tracks[0].samples[i].composition_offset = i % 25 == 1 ? -2 : 1;
  const auto pids = demuxed(segment_of(film, 1));
  for (const std::string& pes : pids.at(0x100).payloads) {
    const bool both = byte(pes, 7) == 0xc0;
    CHECK((both ? time_at(pes, 9) > time_at(pes, 14) : byte(pes, 7) == 0x80));
  }
}

TEST_CASE("sound alone, silence alone, and what MPEG-TS does not know") {
  FilmIndex film = small_film();
  film.tracks[1].info.codec = Codec::opus;
  CHECK(demuxed(segment_of(film, 0)).size() == 3);
  CHECK(package_ts_playlist(*view_of(film), 1).error().kind == ErrorKind::not_found);

  film.tracks[1].info.codec = Codec::ac3;
  film.tracks[1].info.codec_string = "ac-3";
  film.tracks[0].info.codec = Codec::vp9;
  CHECK(package_ts_master({*view_of(film), {}, 0}).error().kind == ErrorKind::not_found);
  CHECK(package_ts_segment(view_of(film), 0, 0).error().kind == ErrorKind::not_found);

  film.tracks[0].info.use = TrackUse::none;
  const auto pids = demuxed(segment_of(film, 1, 1));
  CHECK(pids.count(0x100) == 0);
  CHECK(pids.at(0x1000).payloads[0].find("AC-3") != std::string::npos);
  const Pid& sound = pids.at(0x101);
  CHECK(byte(sound.payloads[0], 3) == 0xbd);
  CHECK(sound.clocks.size() == sound.payloads.size());
  CHECK(package_ts_segment(view_of(film), 1, 3).error().kind == ErrorKind::not_found);
}

TEST_CASE("sound that goes on long after the picture has segments of its own, with the clock") {
  FilmIndex film = small_film();
  film.tracks[0].samples.resize(50);
  film.tracks[0].segments.resize(1);
  const auto view = view_of(film);
  CHECK(text_of(package_ts_playlist(*view, 0).value().body).find("#EXTINF:2.005333333,\n0.ts\n") !=
        std::string::npos);
  const auto last = demuxed(segment_of(film, 1));
  CHECK(last.at(0x100).payloads.empty());
  const auto& clocks = last.at(0x100).clocks;
  REQUIRE(clocks.size() > 10);
  for (std::size_t i = 1; i < clocks.size(); ++i) CHECK(clocks[i] - clocks[i - 1] <= 9'000);
  CHECK(last.at(0x101).payloads.size() > 1);
}

TEST_CASE("a delimiter that a sample brings along makes way for the one before it") {
  FilmIndex film = small_film();
  const auto annexb = annexb_of(film.tracks[0].info).value();
  std::string made;
  annexb.append(made, std::string("\0\0\0\2\x09\x10\0\0\0\2\x41y", 12), false);
  CHECK(made == std::string_view("\0\0\0\1\x09\xf0\0\0\0\0\0\0\0\0\0\1\x41y", 18));
  made.clear();
  annexb.append(made, std::string("\0\0\0\x99\x41y", 6), false);  // longer than it is
  CHECK(made == std::string_view("\0\0\0\1\x09\xf0\0\0\0\x99\x41y", 12));
  film.tracks[0].info.config[4] = '\xfd';  // lengths of two bytes
  CHECK(annexb_of(film.tracks[0].info).has_error());
  film.tracks[0].info.config.resize(9);
  CHECK(annexb_of(film.tracks[0].info).has_error());
  film.tracks[0].info.codec = Codec::hevc;
  CHECK(annexb_of(film.tracks[0].info).has_error());
}

TEST_CASE("AAC's header says what the configuration does") {
  CHECK(adts_of(std::string("\x11\x90", 2)).value().header(10) ==
        std::string_view("\xff\xf1\x4c\x80\x02\x3f\xfc", 7));
  // HE-AAC with its core at 24 kHz in two channels.
  const auto high_efficiency = adts_of(std::string("\x2b\x11\x88", 3)).value();
  CHECK(high_efficiency.rate_index == 6);
  CHECK(high_efficiency.channels == 2);
  CHECK(high_efficiency.profile == 1);
  for (const char* config : {"", "\x11", "\xf8\xe6\x40"}) CHECK(adts_of(config).has_error());
}
