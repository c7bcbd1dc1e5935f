#include <doctest/doctest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <map>

#include "base/unique_fd.hpp"
#include "streamer/index/plan.hpp"
#include "streamer/package/offer.hpp"
#include "streamer/package/package.hpp"
#include "streamer/package/subtitles.hpp"
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

/// Frames of sound as an encoder might make them: each of another size, full of its number.
class NumberedFrames : public SoundFrames {
 public:
  using SizeOf = std::size_t (*)(std::uint32_t frame);
  NumberedFrames(const FrameRange& frames, SizeOf size_of) {
    for (std::uint32_t i = frames.first; i < frames.first + frames.count; ++i)
      frames_.emplace_back(size_of(i), static_cast<char>(i % 251));
  }
  bool made() const override { return turns_ == 0; }
  Result<void> make(int, std::chrono::steady_clock::time_point) override {
    --turns_;
    return {};
  }
  const std::vector<std::string>& frames() const override { return frames_; }

 private:
  std::vector<std::string> frames_;
  int turns_ = 1;
};

std::size_t uneven(std::uint32_t frame) {
  return frame % 3 == 0 ? 1200 : 8 + frame % 50;
}

FrameSource numbered(NumberedFrames::SizeOf size_of) {
  return [size_of](std::uint32_t, const AacPlan&, const FrameRange& frames) {
    return std::make_shared<NumberedFrames>(frames, size_of);
  };
}

std::string segment_of(const FilmIndex& film, std::uint32_t number, std::uint32_t track = 0,
                       NumberedFrames::SizeOf size_of = uneven) {
  const UniqueFd file = film_file();
  const auto packaged = package_ts_segment(view_of(film), track, number, numbered(size_of)).value();
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
  std::array<std::uint64_t, 3> sizes{};
  for (std::uint32_t i = 0; i < 3; ++i) sizes.at(i) = segment_of(small_film(), i).size();
  const std::uint64_t bytes = sizes[0] + sizes[1] + sizes[2];
  // Of the runs that last 3 to 9 s.
  std::uint64_t peak = 0;
  for (const auto& [size, seconds] :
       {std::pair{sizes[0] + sizes[1], 4}, {sizes[1] + sizes[2], 8}, {sizes[2], 6}})
    peak = std::max(peak, (size * 8 + seconds - 1) / seconds);
  CHECK(master ==
        "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-INDEPENDENT-SEGMENTS\n"
        "#EXT-X-STREAM-INF:BANDWIDTH=" +
            std::to_string(peak) + ",AVERAGE-BANDWIDTH=" + std::to_string((bytes * 8 + 9) / 10) +
            ",CODECS=\"avc1.64001E,mp4a.40.2\",RESOLUTION=640x360,FRAME-RATE=25.000,VIDEO-RANGE=SDR\n"
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

TEST_CASE("what comes after a gap in the sound is heard when the film says") {
  constexpr std::uint32_t gap = 800;  // samples: 17 ms
  constexpr std::int64_t after_it = 6 * 1024 + gap;
  const auto times = [](const FilmIndex& film) {
    std::vector<std::uint64_t> found;
    const auto pids = demuxed(segment_of(film, 0));
    for (const std::string& pes : pids.at(kTsSoundPid).payloads) found.push_back(time_at(pes, 9));
    return found;
  };
  FilmIndex film = small_film();
  CHECK(std::ranges::count(times(film), ts_time(6 * 1024, 48000)) == 0);  // in the middle of a PES packet
  auto& sound = film.tracks[1];
  sound.samples[5].duration += gap;
  sound.segments =
      plan_audio(sound.samples, 0, 48000, cut_times(film.tracks[0].samples, film.tracks[0].segments, 25));
  CHECK(std::ranges::count(times(film), ts_time(after_it, 48000)) == 1);
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
  const auto packaged = package_ts_segment(view_of(small_film()), 0, 0, {}).value();
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
  film.tracks[1].info.use = TrackUse::none;
  CHECK(demuxed(segment_of(film, 0)).size() == 3);
  CHECK(package_ts_playlist(*view_of(film), 1).error().kind == ErrorKind::not_found);

  film.tracks[1].info.use = TrackUse::remux;
  film.tracks[1].info.codec = Codec::ac3;
  film.tracks[1].info.codec_string = "ac-3";
  film.tracks[0].info.codec = Codec::vp9;
  CHECK(package_ts_master({*view_of(film), {}, 0}).error().kind == ErrorKind::not_found);
  CHECK(package_ts_segment(view_of(film), 0, 0, {}).error().kind == ErrorKind::not_found);

  film.tracks[0].info.use = TrackUse::none;
  const auto pids = demuxed(segment_of(film, 1, 1));
  CHECK(pids.count(0x100) == 0);
  CHECK(pids.at(0x1000).payloads[0].find("AC-3") != std::string::npos);
  const Pid& sound = pids.at(0x101);
  CHECK(byte(sound.payloads[0], 3) == 0xbd);
  CHECK(sound.clocks.size() == sound.payloads.size());
  CHECK(package_ts_segment(view_of(film), 1, 3, {}).error().kind == ErrorKind::not_found);
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

namespace {

/// small_film() with sound that MPEG-TS does not know.
FilmIndex film_with_dts() {
  FilmIndex film = small_film();
  film.tracks[1].info.codec = Codec::other;
  film.tracks[1].info.use = TrackUse::transcode;
  film.tracks[1].info.codec_string = "DTS";
  return film;
}

/// The frames of AAC in PES packets, each held against its number; how many there are.
std::uint32_t check_frames(const Pid& sound, std::uint32_t first, NumberedFrames::SizeOf size_of) {
  std::uint32_t frame = first;
  for (const std::string& pes : sound.payloads) {
    const std::uint64_t start = std::uint64_t{frame} * 1024;
    CHECK(time_at(pes, 9) == kTsOrigin + (start * 90'000 + 24'000) / 48'000);
    CHECK((byte(pes, 4) << 8 | byte(pes, 5)) == pes.size() - 6);
    for (std::size_t at = 14; at < pes.size(); ++frame) {
      REQUIRE(pes.substr(at, 2) == "\xff\xf1");
      const std::size_t size =
          (byte(pes, at + 3) & 3) << 11 | byte(pes, at + 4) << 3 | byte(pes, at + 5) >> 5;
      REQUIRE(size == 7 + size_of(frame));
      REQUIRE(pes.substr(at + 7, size - 7) == std::string(size - 7, static_cast<char>(frame % 251)));
      at += size;
    }
  }
  return frame - first;
}

}  // namespace

TEST_CASE(
    "sound that MPEG-TS does not know is AAC: every frame once, counters that go on, a length that is kept") {
  const FilmIndex film = film_with_dts();
  const auto small = [](std::uint32_t) -> std::size_t { return 8; };
  const auto even = [](std::uint32_t) -> std::size_t { return 420; };
  for (const NumberedFrames::SizeOf size_of :
       {NumberedFrames::SizeOf(uneven), NumberedFrames::SizeOf(small), NumberedFrames::SizeOf(even)}) {
    std::uint32_t frames = 0;
    for (std::uint32_t i = 0; i < 3; ++i) {
      const std::string bytes = segment_of(film, i, 0, size_of);
      CHECK(bytes.size() == segment_of(film, i).size());
      const auto pids = demuxed(bytes);
      CHECK(pids.at(0x100).payloads.size() == (i == 2 ? 150 : 50));
      for (const std::uint32_t pid : {0x100U, 0x101U}) {
        const auto& counters = pids.at(pid).counters;
        CHECK(counters.size() % 16 == 0);
        for (std::size_t n = 0; n < counters.size(); ++n) REQUIRE(counters[n] == n % 16);
      }
      frames += check_frames(pids.at(0x101), frames, size_of);
    }
    CHECK(frames == 469);
  }
  const std::string master = text_of(package_ts_master({*view_of(film), {}, 0}).value().body);
  CHECK(master.find("CODECS=\"avc1.64001E,mp4a.40.2\"") != std::string::npos);
}

TEST_CASE("a long segment whose sound is made comes in parts, of which any range is that range") {
  FilmIndex film = film_with_dts();
  for (std::size_t i = 1; i < 250; ++i) film.tracks[0].samples[i].flags = 0;
  film.tracks[0].segments = plan_video(film.tracks[0].samples, 0, 25);
  const auto view = view_of(film);
  const UniqueFd file = film_file();
  const auto packaged = package_ts_segment(view, 0, 0, numbered(uneven)).value();
  REQUIRE(packaged.body.size() == 2);
  const std::string whole = read_pieces(file.get(), packaged.body).value();
  const auto pids = demuxed(whole);
  CHECK(pids.at(0).counters.size() == 1);
  CHECK(check_frames(pids.at(0x101), 0, uneven) == 469);
  for (const std::uint32_t pid : {0x100U, 0x101U}) {
    const auto& counters = pids.at(pid).counters;
    for (std::size_t n = 0; n < counters.size(); ++n) REQUIRE(counters[n] == n % 16);
  }
  const std::uint64_t first = piece_bytes(packaged.body[0]);
  for (const std::uint64_t offset : {std::uint64_t{200}, first - 100, first, first + 1000}) {
    Pieces slice;
    const auto again = package_ts_segment(view, 0, 0, numbered(uneven)).value();
    append_slice(slice, again.body, offset, 300);
    CHECK(read_pieces(file.get(), slice).value() == whole.substr(offset, 300));
  }
}

TEST_CASE("nothing of a segment is made before its sound, which is made in turns") {
  const auto packaged = package_ts_segment(view_of(film_with_dts()), 0, 0, numbered(uneven)).value();
  const auto& later = std::get<LaterBytes>(packaged.body.at(0));
  CHECK_FALSE(later.maker->prepared());
  REQUIRE(later.maker->prepare(-1, std::chrono::steady_clock::time_point::min()).has_value());
  CHECK(later.maker->prepared());
}

TEST_CASE("sound alone that MPEG-TS does not know is AAC, too, and carries the clock") {
  FilmIndex film = film_with_dts();
  film.tracks.erase(film.tracks.begin());
  film.tracks[0].segments = plan_audio(film.tracks[0].samples, 0, 48000, {});
  const std::string master = text_of(package_ts_master({*view_of(film), {}, 0}).value().body);
  CHECK(master.find("CODECS=\"mp4a.40.2\"") != std::string::npos);
  const auto pids = demuxed(segment_of(film, 0));
  const Pid& sound = pids.at(0x101);
  CHECK(sound.clocks.size() == sound.payloads.size());
  CHECK(check_frames(sound, 0, uneven) == 94);
}

TEST_CASE("subtitles are on the clock of MPEG-TS") {
  FilmIndex film = small_film();
  FilmIndex::Track subtitles;
  subtitles.info.kind = MediaKind::subtitle;
  subtitles.info.use = TrackUse::cues;
  subtitles.info.language = "ger";
  subtitles.cues = {{1'000'000, 2'000'000, "one", ""}};
  film.tracks.push_back(subtitles);
  const auto view = view_of(film);
  const std::string master = text_of(package_ts_master({*view, {}, 0}).value().body);
  CHECK(master.find("#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"subs\",NAME=\"de\",LANGUAGE=\"de\",DEFAULT=NO,"
                    "AUTOSELECT=YES,FORCED=NO,URI=\"2/ts/playlist.m3u8\"\n") != std::string::npos);
  CHECK(master.find(",SUBTITLES=\"subs\"\n0/ts/playlist.m3u8\n") != std::string::npos);
  CHECK(text_of(package_cue_segment(*view, 2, 0, kTsOrigin).value().body) ==
        "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n\n"
        "00:00:01.000 --> 00:00:02.000\none\n");
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
