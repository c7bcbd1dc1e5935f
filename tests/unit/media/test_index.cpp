#include <doctest/doctest.h>

#include <cstring>

#include "streamer/index/checksum.hpp"
#include "streamer/package/offer.hpp"
#include "streamer/package/package.hpp"
#include "streamer/package/sample_bytes.hpp"
#include "tests/unit/media/index_file.hpp"

using namespace carrel;
using namespace carrel::streamer;
using namespace carrel::streamer::testing;

namespace {

/// Changes bytes and makes the checksum right again: what a hostile worker would write.
template <class T>
std::string forged(std::string bytes, std::size_t at, T value) {
  std::memcpy(bytes.data() + at, &value, sizeof value);
  constexpr std::size_t checksum_at = offsetof(Header, checksum);
  std::memset(bytes.data() + checksum_at, 0, 8);
  Checksum checksum;
  checksum.update(std::as_bytes(std::span(bytes)));
  const std::uint64_t digest = checksum.digest();
  std::memcpy(bytes.data() + checksum_at, &digest, sizeof digest);
  return bytes;
}

std::uint64_t digest_of(std::string_view text) {
  Checksum checksum;
  for (const char c : text) checksum.update(std::as_bytes(std::span(&c, 1)));
  return checksum.digest();
}

}  // namespace

TEST_CASE("the checksum is XXH64") {
  CHECK(digest_of("") == 0xef46db3751d8e999ULL);
  CHECK(digest_of("a") == 0xd24ec4f1a98c6e5bULL);
  CHECK(digest_of("abc") == 0x44bc2cf5ad770999ULL);
  CHECK(digest_of("Nobody inspects the spammish repetition") == 0xfbcea83c8a378bf1ULL);
}

TEST_CASE("an index is read back as it was written") {
  FilmIndex film = small_film();
  film.tracks[0].info.mastering_display = std::string(24, 'm');
  film.tracks[0].info.content_light = "cccc";
  const auto view = view_of(film);
  CHECK(view->container() == "mp4");
  CHECK(view->film_bytes() == 1'000'000);
  CHECK(view->film_mtime_ns() == 5);
  CHECK(view->duration_us() == 10'000'000);
  REQUIRE(view->tracks().size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    const IndexView::Track& track = view->tracks()[i];
    CHECK(track.info == film.tracks[i].info);
    CHECK(std::equal(track.samples.begin(), track.samples.end(), film.tracks[i].samples.begin(),
                     film.tracks[i].samples.end()));
    CHECK(std::equal(track.segments.begin(), track.segments.end(), film.tracks[i].segments.begin(),
                     film.tracks[i].segments.end()));
  }
  CHECK(view->playable_track(2) == nullptr);
}

TEST_CASE("an index whose light is of another length is refused") {
  FilmIndex film = small_film();
  film.tracks[0].info.mastering_display = std::string(23, 'm');
  CHECK(open_bytes(bytes_of(film)).error().kind == ErrorKind::invalid);
  film.tracks[0].info.mastering_display.clear();
  film.tracks[0].info.content_light = std::string(5, 'c');
  CHECK(open_bytes(bytes_of(film)).error().kind == ErrorKind::invalid);
}

TEST_CASE("a damaged index is refused: each byte flipped, each length cut") {
  const std::string whole = bytes_of(small_film());
  for (std::size_t at = 0; at < whole.size(); at += at < 600 ? 1 : 97) {
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x41);
    CAPTURE(at);
    CHECK_FALSE(open_bytes(flipped).has_value());
    CHECK_FALSE(open_bytes(whole.substr(0, at)).has_value());
  }
  CHECK_FALSE(open_bytes(whole + "x").has_value());
}

TEST_CASE("an index of another version is refused, were it whole and its checksum right") {
  const std::string whole = bytes_of(small_film());
  REQUIRE(open_bytes(forged(whole, offsetof(Header, version), kIndexVersion)).has_value());
  for (const std::uint32_t version : {kIndexVersion - 1, kIndexVersion + 1}) {
    const auto view = open_bytes(forged(whole, offsetof(Header, version), version));
    CAPTURE(version);
    REQUIRE(view.has_error());
    CHECK(view.error().kind == ErrorKind::invalid);
    CHECK(view.error().message.find("version " + std::to_string(version)) != std::string::npos);
  }
}

TEST_CASE("an index that lies with a right checksum neither crashes nor reads beyond its end") {
  const std::string whole = bytes_of(small_film());
  for (std::size_t at = 0; at + 8 <= whole.size(); at += at < 600 ? 4 : 1004) {
    for (const std::uint64_t value :
         {std::uint64_t{0}, ~std::uint64_t{0}, std::uint64_t{1} << 63, std::uint64_t{1}}) {
      const auto view = open_bytes(forged(whole, at, value));
      if (!view) {
        CHECK(view.error().kind == ErrorKind::invalid);
        continue;
      }
      static_cast<void>(package_master({**view, {}, 0}));
      for (std::uint32_t track = 0; track < 3; ++track) {
        static_cast<void>(package_media_playlist(**view, track));
        static_cast<void>(package_init(**view, track));
        for (std::uint32_t segment = 0; segment < 4; ++segment)
          static_cast<void>(package_segment(**view, track, segment));
      }
    }
  }
}

TEST_CASE("samples outside of the film are found out when they are asked for") {
  FilmIndex film = small_film();
  film.tracks[0].samples[3].offset = film.film_bytes - 99;
  const auto view = view_of(film);
  const auto packaged = package_segment(*view, 0, 0);
  REQUIRE(packaged.has_error());
  CHECK(packaged.error().kind == ErrorKind::invalid);
  CHECK(package_segment(*view, 0, 1).has_value());
}

TEST_CASE("cues, chapters, pieces and what is wrong with the file are read back") {
  FilmIndex film = small_film();
  film.origin_ticks = -7;
  film.origin_timescale = 90'000;
  film.findings = {"its index is missing", "it ends early"};
  film.chapters = {{0, 5'000'000, "One"}, {5'000'000, 10'000'000, ""}};
  FilmIndex::Track text;
  text.info.kind = MediaKind::subtitle;
  text.info.use = TrackUse::cues;
  text.info.forced = text.info.external = true;
  text.cues = {{1, 2, "Hello", "align:start"}, {3, 4, "World", ""}};
  text.literals = "abc";
  text.document = {{kPieceLiteral, 3, 0, 0}, {10, 20, 0, 0}};
  film.tracks.push_back(text);
  const auto view = view_of(film);
  CHECK(view->origin_ticks() == -7);
  CHECK(view->origin_timescale() == 90'000);
  CHECK(view->findings() == "its index is missing\nit ends early");
  REQUIRE(view->chapters().size() == 2);
  CHECK(view->text(view->chapters()[0].title) == "One");
  const IndexView::Track& read = view->tracks()[2];
  CHECK(read.info == text.info);
  REQUIRE(read.cues.size() == 2);
  CHECK(view->text(read.cues[0].text) == "Hello");
  CHECK(view->text(read.cues[0].settings) == "align:start");
  CHECK(view->text(read.cues[1].settings).empty());
  Pieces document;
  append_pieces(document, read, read.document);
  CHECK(document == Pieces{MadeBytes("abc"), FilmBytes{10, 20}});
}

TEST_CASE("a document beyond the film or its literals is refused") {
  for (const PieceRecord piece :
       {PieceRecord{999'990, 11, 0, 0}, PieceRecord{kPieceLiteral, 1, 0, 0}, PieceRecord{0, 0, 0, 0},
        PieceRecord{0, 10, 0, 5}, PieceRecord{0, 10, 6, 5}, PieceRecord{999'000, 1000, 184, 188}}) {
    FilmIndex film = small_film();
    film.tracks[0].document = {piece};
    CHECK_FALSE(open_bytes(bytes_of(film)).has_value());
  }
}

TEST_CASE("a scattered sample is sent piece by piece") {
  FilmIndex film = small_film();
  FilmIndex::Track& video = film.tracks[0];
  video.literals = "LEN1";
  video.pieces = {{kPieceLiteral, 4, 0, 0}, {500, 96, 40, 50}};
  video.samples[2] = {0, 100, video.samples[2].duration, 0, video.samples[2].flags | kSampleScattered};
  video.segments[0].mdat_bytes = video.segments[0].bytes;
  video.segments[0].runs = 1;
  const auto view = view_of(film);
  const auto packaged = package_segment(*view, 0, 0);
  REQUIRE(packaged.has_value());
  REQUIRE(packaged->body.size() == 5);
  CHECK(packaged->body[2] == Piece(MadeBytes("LEN1")));
  CHECK(packaged->body[3] == Piece(StridedBytes{500, 96, 40, 50, 0}));

  film.tracks[0].pieces[1].length = 95;
  CHECK(package_segment(*view_of(film), 0, 0).error().kind == ErrorKind::invalid);
  film.tracks[0].pieces[1] = {999'999, 96, 0, 0};
  CHECK(package_segment(*view_of(film), 0, 0).error().kind == ErrorKind::invalid);
}
