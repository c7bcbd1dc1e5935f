#include <doctest/doctest.h>

#include "streamer/package/language.hpp"
#include "streamer/package/offer.hpp"
#include "streamer/package/package.hpp"
#include "streamer/package/tag.hpp"
#include "tests/unit/media/index_file.hpp"

using namespace carrel;
using namespace carrel::streamer;
using namespace carrel::streamer::testing;

namespace {

Result<Packaged> master_of(const FilmIndex& film) {
  return package_master({*view_of(film), {}, 0});
}

}  // namespace

TEST_CASE("master playlist of a film with picture and sound") {
  const auto packaged = master_of(small_film()).value();
  CHECK(packaged.content_type == "application/vnd.apple.mpegurl");
  CHECK(text_of(packaged.body) ==
        "#EXTM3U\n"
        "#EXT-X-VERSION:6\n"
        "#EXT-X-INDEPENDENT-SEGMENTS\n"
        "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"de\",LANGUAGE=\"de\",DEFAULT=YES,AUTOSELECT=YES,"
        "CHANNELS=\"2\",URI=\"1/playlist.m3u8\"\n"
        "#EXT-X-STREAM-INF:BANDWIDTH=29612,AVERAGE-BANDWIDTH=29612,CODECS=\"avc1.64001E,mp4a.40.2\","
        "RESOLUTION=640x360,FRAME-RATE=25.000,VIDEO-RANGE=SDR,AUDIO=\"audio\"\n"
        "0/playlist.m3u8\n"
        "#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=3184,AVERAGE-BANDWIDTH=2871,CODECS=\"avc1.64001E\","
        "RESOLUTION=640x360,VIDEO-RANGE=SDR,URI=\"0/iframes.m3u8\"\n");
}

TEST_CASE("media playlists of the same film") {
  const auto view = view_of(small_film());
  CHECK(text_of(package_media_playlist(*view, 0).value().body) ==
        "#EXTM3U\n"
        "#EXT-X-VERSION:6\n"
        "#EXT-X-TARGETDURATION:9\n"
        "#EXT-X-MEDIA-SEQUENCE:0\n"
        "#EXT-X-PLAYLIST-TYPE:VOD\n"
        "#EXT-X-MAP:URI=\"init.mp4\"\n"
        "#EXTINF:2.000000000,\n0.m4s\n"
        "#EXTINF:2.000000000,\n1.m4s\n"
        "#EXTINF:6.000000000,\n2.m4s\n"
        "#EXT-X-ENDLIST\n");
  const std::string audio = text_of(package_media_playlist(*view, 1).value().body);
  CHECK(
      audio.find("#EXTINF:2.005333333,\n0.m4s\n#EXTINF:2.005333333,\n1.m4s\n#EXTINF:5.994666667,\n2.m4s\n") !=
      std::string::npos);
}

TEST_CASE("renditions have names of their own, one default and tidy languages") {
  FilmIndex film = small_film();
  film.tracks.push_back(film.tracks[1]);
  film.tracks.push_back(film.tracks[1]);
  film.tracks[2].info.title = "Say \"hi\"\n";
  film.tracks[2].info.language = "und";
  film.tracks[2].info.is_default = true;
  film.tracks[3].info.codec_string = "Opus";
  const std::string text = text_of(master_of(film).value().body);
  CHECK(text.find("NAME=\"de\",LANGUAGE=\"de\",DEFAULT=NO") != std::string::npos);
  CHECK(text.find("NAME=\"Say 'hi' \",DEFAULT=YES") != std::string::npos);
  CHECK(text.find("NAME=\"de (3)\",LANGUAGE=\"de\",DEFAULT=NO") != std::string::npos);
  CHECK(text.find("CODECS=\"avc1.64001E,mp4a.40.2,Opus\"") != std::string::npos);
}

TEST_CASE("a film with sound alone, and one with nothing to play") {
  FilmIndex film = small_film();
  film.tracks[0].info.use = TrackUse::none;
  CHECK(text_of(master_of(film).value().body) ==
        "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-INDEPENDENT-SEGMENTS\n"
        "#EXT-X-STREAM-INF:BANDWIDTH=6981,AVERAGE-BANDWIDTH=6981,CODECS=\"mp4a.40.2\"\n1/playlist.m3u8\n");
  film.tracks[1].info.use = TrackUse::none;
  film.problem = "The audio is AC-3.";
  const auto nothing = master_of(film);
  REQUIRE(nothing.has_error());
  CHECK(nothing.error().kind == ErrorKind::not_found);
  CHECK(nothing.error().message == "The audio is AC-3.");
}

TEST_CASE("a turned picture is announced as it is shown") {
  FilmIndex film = small_film();
  film.tracks[0].info.matrix = {0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000};
  film.tracks[0].info.aspect_width = 4;
  film.tracks[0].info.aspect_height = 3;
  film.tracks[0].info.independent = false;
  film.tracks[0].info.colour.transfer = 16;
  const std::string text = text_of(master_of(film).value().body);
  CHECK(text.find("RESOLUTION=360x853") != std::string::npos);
  CHECK(text.find("VIDEO-RANGE=PQ") != std::string::npos);
  CHECK(text.find("INDEPENDENT") == std::string::npos);
}

TEST_CASE("what is not there is not found") {
  const auto view = view_of(small_film());
  CHECK(package_media_playlist(*view, 2).error().kind == ErrorKind::not_found);
  CHECK(package_init(*view, 9).error().kind == ErrorKind::not_found);
  CHECK(package_segment(*view, 0, 3).error().kind == ErrorKind::not_found);
  CHECK(package_segment(*view, 5, 0).error().kind == ErrorKind::not_found);
}

TEST_CASE("decimal seconds") {
  CHECK(decimal_seconds(0, 1, 3) == "0.000");
  CHECK(decimal_seconds(1001, 30000, 9) == "0.033366667");
  CHECK(decimal_seconds(1999999, 1000000, 3) == "2.000");
  CHECK(decimal_seconds(4294967294, 4294967295, 9) == "1.000000000");
}

TEST_CASE("language tags") {
  CHECK(language_tag("eng") == "en");
  CHECK(language_tag("fre") == "fr");
  CHECK(language_tag("zul") == "zu");
  CHECK(language_tag("gsw") == "gsw");
  CHECK(language_tag("pt-BR") == "pt-BR");
  CHECK(language_tag("und").empty());
  CHECK(language_tag("").empty());
  CHECK(language_tag("a\"b").empty());
}
