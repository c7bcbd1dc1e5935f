#include <doctest/doctest.h>

#include "orchestrator/http/stream_path.hpp"

using namespace carrel::http;
using carrel::protocol::Resource;

TEST_CASE("stream paths are told apart") {
  CHECK(parse_stream_path("original") == StreamPath{Resource::original, 0, 0});
  CHECK(parse_stream_path("master.m3u8") == StreamPath{Resource::master, 0, 0});
  CHECK(parse_stream_path("3/playlist.m3u8") == StreamPath{Resource::media_playlist, 3, 0});
  CHECK(parse_stream_path("0/init.mp4") == StreamPath{Resource::init, 0, 0});
  CHECK(parse_stream_path("1/4294967295.m4s") == StreamPath{Resource::segment, 1, 4294967295U});
}

TEST_CASE("every form of a track has its folder, and a variant has one, too") {
  using carrel::protocol::Form;
  CHECK(parse_stream_path("manifest.mpd") == StreamPath{Resource::dash});
  CHECK(parse_stream_path("ts.m3u8") == StreamPath{Resource::ts_master});
  CHECK(parse_stream_path("chapters.json") == StreamPath{Resource::chapters_json});
  CHECK(parse_stream_path("chapters.vtt") == StreamPath{Resource::chapters_vtt});
  CHECK(parse_stream_path("1/aac2/playlist.m3u8") ==
        StreamPath{Resource::media_playlist, 1, 0, Form::aac_stereo});
  CHECK(parse_stream_path("1/aac6/init.mp4") == StreamPath{Resource::init, 1, 0, Form::aac_surround});
  CHECK(parse_stream_path("1/aac6/7.m4s") == StreamPath{Resource::segment, 1, 7, Form::aac_surround});
  CHECK(parse_stream_path("0/iframes.m3u8") == StreamPath{Resource::iframe_playlist, 0, 0});
  CHECK(parse_stream_path("0/ts/playlist.m3u8") == StreamPath{Resource::ts_playlist, 0, 0});
  CHECK(parse_stream_path("0/ts/12.ts") == StreamPath{Resource::ts_segment, 0, 12});
  CHECK(parse_stream_path("3/ts/2.vtt") == StreamPath{Resource::ts_segment, 3, 2, Form::source, "vtt"});
  CHECK(parse_stream_path("2/3.vtt") == StreamPath{Resource::segment, 2, 3, Form::source, "vtt"});
  CHECK(parse_stream_path("2/subtitles.vtt") == StreamPath{Resource::subtitles, 2, 0});
  CHECK(parse_stream_path("2/subtitles.idx") == StreamPath{Resource::subtitle_index, 2, 0});
  for (const char* extension : {"ass", "sup", "sub"})
    CHECK(parse_stream_path(std::string("2/subtitles.") + extension) ==
          StreamPath{Resource::subtitle_document, 2, 0, Form::source, extension});
  CHECK(parse_stream_path("v/720p/0/4.m4s") == StreamPath{Resource::segment, 0, 4, Form::source, "", "720p"});
  CHECK(parse_stream_path("v/play/0/iframes.m3u8") ==
        StreamPath{Resource::iframe_playlist, 0, 0, Form::source, "", "play"});
}

TEST_CASE("playlists of a whole film have names") {
  for (const char* name : {"master.m3u8", "manifest.mpd", "ts.m3u8"})
    CHECK(playlist_name(parse_stream_path(name)->resource) == name);
  CHECK(playlist_name(Resource::original).empty());
  CHECK(playlist_name(Resource::media_playlist).empty());
}

TEST_CASE("one resource has one path") {
  for (const char* path : {"v/720p/master.m3u8",
                           "v/720p/0/aac2/init.mp4",
                           "v/720p/0/ts/0.ts",
                           "v/720p/0/0.vtt",
                           "v//0/init.mp4",
                           "v/720P/0/init.mp4",
                           "v/720p",
                           "v/01234567890123456/0/init.mp4",
                           "v/../0/init.mp4",
                           "1/aac2/iframes.m3u8",
                           "1/aac2/0.vtt",
                           "1/aac2/aac2/0.m4s",
                           "1/subtitles.srt",
                           "1/ts/0.m4s",
                           "1/0.ts",
                           "1/ts/init.mp4",
                           "1/.vtt",
                           "aac2/0.m4s",
                           "poster.jpg",
                           "",
                           "/",
                           "Original",
                           "master.m3u8/",
                           "01/init.mp4",
                           "-1/init.mp4",
                           "+1/init.mp4",
                           "1/01.m4s",
                           "1/.m4s",
                           "1/4294967296.m4s",
                           "1/2.m4s ",
                           "1//2.m4s",
                           "1/2/3.m4s",
                           "../original",
                           "1/playlist.m3u8?x",
                           "%31/init.mp4"}) {
    CAPTURE(path);
    CHECK_FALSE(parse_stream_path(path).has_value());
  }
}

TEST_CASE("a token in the path is taken out of it") {
  const auto taken = take_token("/stream/film/t/secret/2/17.m4s");
  REQUIRE(taken.has_value());
  CHECK(taken->path == "/stream/film/2/17.m4s");
  CHECK(taken->token == "secret");
  for (const char* path :
       {"/stream/film/master.m3u8", "/stream/film/t/secret", "/stream/film", "/api/t/secret/x", ""}) {
    CAPTURE(path);
    CHECK_FALSE(take_token(path).has_value());
  }
}

TEST_CASE("no token of a path gets into a log, be the path odd") {
  CHECK(without_tokens("/stream/film/t/secret") == "/stream/film/t/…");
  CHECK(without_tokens("/prefix/stream/film/t/secret/2/17.m4s") == "/prefix/stream/film/t/…/2/17.m4s");
  CHECK(without_tokens("/t/secret/t/other/t/") == "/t/…/t/…/t/…");
  CHECK(without_tokens("/stream/film/t//secret/2/17.m4s") == "/stream/film/t//…/2/17.m4s");
  CHECK(without_tokens("/stream/film/t/%2Fsecret/17.m4s") == "/stream/film/t/…/17.m4s");
  CHECK(without_tokens("/stream/film/t%2Fsecret%2fmaster.m3u8") == "/stream/film/t%2F…");
  CHECK(without_tokens("/stream/%74/secret/x") == "/stream/%74/…/x");
  CHECK(without_tokens("/stream/film/%74%2Fsecret/x") == "/stream/film/%74%2F…/x");
  CHECK(without_tokens("/stream%2Ffilm%2Ft%2Fsecret") == "/stream%2Ffilm%2Ft%2F…");
  CHECK(without_tokens("/stream/film/original&token%3Dsecret") == "/stream/film/original&token%3D…");
  // What is left in its place goes to the log.
  CHECK_FALSE(take_token("/stream/film/t//secret/master.m3u8"));
  CHECK(without_tokens("/stream/film/original&token=secret&quality=720p") ==
        "/stream/film/original&token=…&quality=720p");
  CHECK(without_tokens("/stream/film/original&token=secret") == "/stream/film/original&token=…");
  CHECK(without_tokens("/stream/film/master.m3u8") == "/stream/film/master.m3u8");
  CHECK(without_tokens("").empty());
}

TEST_CASE("query values are found by their whole name") {
  CHECK(query_value("token=a&x=b", "token") == "a");
  CHECK(query_value("mytoken=a&token=b", "token") == "b");
  CHECK(query_value("x=1&&token=a=b", "token") == "a=b");
  CHECK(query_value("token", "token").empty());
  CHECK(query_value("", "token").empty());
}
