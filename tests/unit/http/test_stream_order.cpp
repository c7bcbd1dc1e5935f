#include <doctest/doctest.h>

#include "orchestrator/http/stream_order.hpp"
#include "streamer/protocol/plays.hpp"

using namespace carrel;
using namespace carrel::http;
using protocol::Plays;
using protocol::Resource;
using protocol::TrackUse;

namespace {

Request asked(std::string query) {
  Request request;
  request.parameters = {"film", ""};
  request.query = std::move(query);
  request.stream_token = "secret";
  return request;
}

library::Video video_of(std::string mime_type, std::vector<protocol::TrackSummary> tracks) {
  library::Video video;
  video.facts.emplace();
  video.facts->mime_type = std::move(mime_type);
  video.facts->tracks = std::move(tracks);
  return video;
}

std::uint32_t plays(const std::string& query, Resource resource, const library::Video& video = {}) {
  return serve_message(asked(query), StreamPath{resource}, video).plays;
}

}  // namespace

TEST_CASE("a token goes from the query into the path, and what is wished stays in the query") {
  CHECK(with_token_in_path(asked("token=secret"), Resource::master) == "/stream/film/t/secret/master.m3u8");
  CHECK(with_token_in_path(asked("quality=720p&token=secret&caps=h264,aac"), Resource::dash) ==
        "/stream/film/t/secret/manifest.mpd?caps=h264,aac&quality=720p");
  CHECK(with_token_in_path(asked("caps=h264%2Caac"), Resource::ts_master) ==
        "/stream/film/t/secret/ts.m3u8?caps=h264%2Caac");
  CHECK(with_token_in_path(asked("caps=a\"<>&quality=x/y"), Resource::master) ==
        "/stream/film/t/secret/master.m3u8");
}

TEST_CASE("what a client plays goes into playlists of whole films alone") {
  const std::uint32_t both = protocol::bit_of(Plays::h264) | protocol::bit_of(Plays::aac);
  CHECK(plays("caps=h264,aac", Resource::master) == both);
  CHECK(plays("caps=h264%2Caac", Resource::dash) == both);
  CHECK(plays("caps=h264,aac", Resource::media_playlist) == 0);
  CHECK(plays("quality=480p&caps=aac", Resource::master) ==
        (protocol::kVariantsOnly | protocol::bit_of(Plays::aac)));
  CHECK(plays("quality=original", Resource::master) == 0);
}

TEST_CASE("an MP4 with HEVC is marked for players that know hvc1 alone, unless the exact bytes are wished") {
  protocol::TrackSummary hevc;
  hevc.codec = "hvc1.1.6.L93.B0";
  CHECK(plays("", Resource::original, video_of("video/mp4", {hevc})) == protocol::kMarkHvc1);
  CHECK(plays("exact=1", Resource::original, video_of("video/mp4", {hevc})) == 0);
  CHECK(plays("", Resource::original, video_of("video/x-matroska", {hevc})) == 0);
  CHECK(plays("", Resource::original, video_of("video/mp4", {{}})) == 0);
  CHECK(plays("", Resource::original) == 0);
}

TEST_CASE("a name fits the track that it stands for") {
  protocol::TrackSummary picture, cues, vobsub;
  picture.use = TrackUse::remux;
  cues.use = TrackUse::cues;
  cues.document = "ass";
  vobsub.document = "vobsub";
  const auto video = video_of("video/mp4", {picture, cues, vobsub});
  struct {
    const char* path;
    bool fits;
  } const cases[] = {{"0/0.m4s", true},         {"0/0.vtt", false},         {"1/0.vtt", true},
                     {"1/0.m4s", false},        {"1/subtitles.ass", true},  {"1/subtitles.sup", false},
                     {"2/subtitles.sub", true}, {"0/subtitles.ass", false}, {"9/0.m4s", false},
                     {"9/playlist.m3u8", true}, {"v/480p/0/0.m4s", true},   {"original", true},
                     {"0/ts/0.ts", true},       {"1/ts/0.ts", false},       {"1/ts/0.vtt", true},
                     {"0/ts/0.vtt", false}};
  for (const auto& [path, expected] : cases) {
    CAPTURE(path);
    CHECK(fits(*parse_stream_path(path), video) == expected);
  }
  CHECK_FALSE(fits(*parse_stream_path("0/0.m4s"), {}));
}
