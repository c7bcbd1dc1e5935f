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

TEST_CASE("one resource has one path") {
  for (const char* path : {"", "/", "Original", "master.m3u8/", "01/init.mp4", "-1/init.mp4", "+1/init.mp4",
                           "1/01.m4s", "1/.m4s", "1/4294967296.m4s", "1/2.m4s ", "1//2.m4s", "1/2/3.m4s",
                           "../original", "1/playlist.m3u8?x", "%31/init.mp4"}) {
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

TEST_CASE("query values are found by their whole name") {
  CHECK(query_value("token=a&x=b", "token") == "a");
  CHECK(query_value("mytoken=a&token=b", "token") == "b");
  CHECK(query_value("x=1&&token=a=b", "token") == "a=b");
  CHECK(query_value("token", "token").empty());
  CHECK(query_value("", "token").empty());
}
