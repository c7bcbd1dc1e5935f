#include <doctest/doctest.h>

#include "tests/load/playlist.hpp"

namespace carrel::load {
namespace {

TEST_CASE("of a master playlist the first variant with its group's default sound is played") {
  const auto master = parse_master(
      "#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"b\",NAME=\"x\",DEFAULT=YES,URI=\"9/playlist.m3u8\"\n"
      "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"de\",URI=\"2/playlist.m3u8\"\r\n"
      "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"en\",DEFAULT=YES,URI=\"1/playlist.m3u8\"\n"
      "#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS=\"avc1.640028,mp4a.40.2\",AUDIO=\"a\"\n0/playlist.m3u8\n"
      "#EXT-X-STREAM-INF:BANDWIDTH=2\n5/playlist.m3u8\n",
      "/stream/x/t/y/master.m3u8");
  REQUIRE(master.has_value());
  CHECK(master->video == "/stream/x/t/y/0/playlist.m3u8");
  CHECK(master->audio == "/stream/x/t/y/1/playlist.m3u8");
  CHECK_FALSE(parse_master("#EXTM3U\n", "/").has_value());
}

TEST_CASE("a media playlist is segments one after the other") {
  const auto playlist = parse_playlist(
      "#EXTM3U\n#EXT-X-MAP:URI=\"init.mp4\"\n#EXTINF:2.5,\n0.m4s\n#EXTINF:6,\n1.m4s\n#EXT-X-ENDLIST\n",
      "/s/0/playlist.m3u8");
  REQUIRE(playlist.has_value());
  CHECK(playlist->init == "/s/0/init.mp4");
  REQUIRE(playlist->segments.size() == 2);
  CHECK(playlist->segments[1].path == "/s/0/1.m4s");
  CHECK(playlist->segments[1].start == doctest::Approx(2.5));
  CHECK(playlist->end() == doctest::Approx(8.5));
  CHECK(playlist->at(0) == 0);
  CHECK(playlist->at(2.49) == 0);
  CHECK(playlist->at(2.5) == 1);
  CHECK(playlist->at(99) == 1);
  CHECK_FALSE(parse_playlist("#EXTM3U\n", "/").has_value());
}

}  // namespace
}  // namespace carrel::load
