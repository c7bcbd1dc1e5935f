#include <doctest/doctest.h>

#include "streamer/subtitles/pgs.hpp"
#include "streamer/subtitles/vobsub.hpp"
#include "streamer/subtitles/vobsub_sidecar.hpp"

using namespace carrel::streamer::subtitles;
using namespace std::string_view_literals;

TEST_CASE("segments of a packet") {
  const auto segments = pgs_segments("\x16\0\2ab\x80\0\0"sv);
  REQUIRE(segments.size() == 2);
  CHECK(segments[0].offset == 0);
  CHECK(segments[0].bytes == 5);
  CHECK(segments[1].offset == 5);
  CHECK(segments[1].bytes == 3);
  CHECK(pgs_segments("\x16\0\7ab"sv).empty());
  CHECK(pgs_segments("\x16\0"sv).empty());
}

TEST_CASE("a .sup file is moved, and cut where it is damaged") {
  const std::string file = sup_header(2'000'000) + std::string("\x16\0\2ab"sv) + sup_header(3'000'000) +
                           std::string("\x80\0\0"sv) + "PG damaged";
  CHECK(shifted_sup(file, 500'000) == sup_header(1'500'000) + std::string("\x16\0\2ab"sv) +
                                          sup_header(2'500'000) + std::string("\x80\0\0"sv));
  CHECK(sup_header(1'000'000) == "PG\0\1\x5f\x90\0\0\0\0"sv);
  CHECK(sup_header(-1) == sup_header(0));
}

TEST_CASE("packs of every length are whole, and a picture is read back from them") {
  for (const std::size_t bytes :
       {4U, 100U, 2010U, 2015U, 2018U, 2019U, 2020U, 2021U, 2022U, 2023U, 2024U, 2025U, 4050U, 65'535U}) {
    CAPTURE(bytes);
    std::string picture(bytes, 'x');
    for (std::size_t i = 0; i < bytes; ++i) picture[i] = static_cast<char>(i * 7);
    picture[0] = static_cast<char>(bytes >> 8U);
    picture[1] = static_cast<char>(bytes);
    std::string sub;
    for (const VobSubPart& part : vobsub_packs(bytes, 61'000'000))
      sub += part.made + picture.substr(part.picture_offset, part.picture_bytes);
    CHECK(sub.size() % kPackBytes == 0);
    VobSubIndex index("size: 720x576\npalette: 000000, ffffff\nevil: 1\n", "en");
    index.add(61'000'000, 0);
    CHECK(index.text().find("evil") == std::string::npos);
    CHECK(index.text().find("timestamp: 00:01:01:000, filepos: 000000000\n") != std::string::npos);
    const auto tracks = parse_vobsub(index.text(), sub);
    REQUIRE(tracks.size() == 1);
    CHECK(tracks[0].language == "en");
    REQUIRE(tracks[0].pictures.size() == 1);
    CHECK(tracks[0].pictures[0].us == 61'000'000);
    CHECK(tracks[0].pictures[0].bytes == picture);
  }
}

TEST_CASE("an index that lies") {
  CHECK(parse_vobsub("timestamp: 00:00:01:000, filepos: ffffffffffffffff\n", "short").empty());
  CHECK(parse_vobsub("timestamp: x, filepos: 0\ntimestamp:\nid:\ndelay:\n", "").empty());
  CHECK(parse_vobsub("timestamp: 00:00:01:000, filepos: 0\n", std::string(4096, '\0')).empty());
}

TEST_CASE("an index whose lines all lead through the same packets without a picture is given up") {
  const std::string picture = std::string("\0\4ab"sv);
  std::string good;
  for (const VobSubPart& part : vobsub_packs(4, 0))
    good += part.made + picture.substr(part.picture_offset, part.picture_bytes);
  std::string others;
  while (others.size() < 256 * 1024) others += good;
  const std::string miss = "timestamp: 00:00:01:000, filepos: 0\n";
  const auto picture_behind = [&](int misses) {
    std::string idx = "id: en, index: 1\n";
    for (int i = 0; i < misses; ++i) idx += miss;
    return parse_vobsub(idx + "id: de, index: 0\ntimestamp: 00:00:02:000, filepos: 0\n", others).size();
  };
  CHECK(picture_behind(10) == 1);
  CHECK(picture_behind(1000) == 0);
}

TEST_CASE("languages and delays of an index") {
  std::string picture = std::string("\0\4ab"sv);
  std::string sub;
  for (const VobSubPart& part : vobsub_packs(4, 0))
    sub += part.made + picture.substr(part.picture_offset, part.picture_bytes);
  const auto tracks = parse_vobsub(
      "id: de, index: 0\ndelay: -00:00:00:500\ntimestamp: 00:00:02:000, filepos: 0\nid: en, index: 3\n"
      "timestamp: 00:00:02:000, filepos: 0\n",
      sub);
  REQUIRE(tracks.size() == 1);  // nothing is in the second's stream
  CHECK(tracks[0].language == "de");
  CHECK(tracks[0].pictures[0].us == 1'500'000);
}
