#include <doctest/doctest.h>

#include "orchestrator/library/direct_play.hpp"

using namespace carrel;
using namespace carrel::library;
using protocol::TrackKind;

namespace {

protocol::TrackSummary track(TrackKind kind, const char* codec, bool is_default = false) {
  protocol::TrackSummary track;
  track.kind = kind;
  track.codec = codec;
  track.is_default = is_default;
  return track;
}

/// An empty codec: there is no such track.
Video film(const char* media_type, const char* picture, const char* sound) {
  Video video;
  video.facts.emplace().mime_type = media_type;
  auto& tracks = video.facts->tracks;
  if (*picture != 0) tracks.push_back(track(TrackKind::video, picture));
  if (*sound != 0) tracks.push_back(track(TrackKind::audio, sound));
  return video;
}

std::uint32_t bits(std::initializer_list<protocol::Plays> all) {
  std::uint32_t plays = 0;
  for (const protocol::Plays one : all) plays |= protocol::bit_of(one);
  return plays;
}

}  // namespace

TEST_CASE("what every browser plays as it is, by kind and codecs") {
  struct Case {
    const char *media_type, *picture, *sound;
    bool plays;
  };
  const std::vector<Case> cases{{"video/mp4", "avc1.640028", "mp4a.40.2", true},
                                {"video/mp4", "avc3.4D4028", "", true},
                                {"video/mp4", "avc1.640028", "mp4a.40.29", true},
                                {"video/mp4", "avc1.640028", "mp4a.40.22", false},  // BSAC
                                {"video/mp4", "avc1.6E0032", "mp4a.40.2", false},   // 10 bits
                                {"video/mp4", "H.264", "mp4a.40.2", false},         // its parameters are odd
                                {"video/mp4", "hvc1.1.6.L93.90", "mp4a.40.2", false},
                                {"video/mp4", "MPEG-2", "mp4a.40.2", false},
                                {"video/mp4", "avc1.640028", "ac-3", false},
                                {"video/mp4", "avc1.640028", "DTS", false},
                                {"video/mp4", "avc1.640028", "mp4a.6B", true},
                                {"video/mp4", "av01.0.08M.08", "Opus", true},
                                {"video/mp4", "vp09.00.40.08", "fLaC", true},
                                {"video/webm", "vp08.00.10.08", "Vorbis", true},
                                {"video/webm", "vp09.00.40.08", "Opus", true},
                                {"video/webm", "avc1.640028", "Opus", false},
                                {"audio/webm", "", "Opus", true},
                                {"video/x-matroska", "avc1.640028", "mp4a.40.2", false},
                                {"audio/mpeg", "", "mp4a.6B", true},
                                {"audio/mpeg", "", "MP2", false},
                                {"audio/mp4", "", "alac", false},
                                {"audio/flac", "", "fLaC", true},
                                {"audio/ogg", "", "Vorbis", true},
                                {"audio/wav", "", "PCM", true},
                                {"audio/wav", "", "ADPCM", false},
                                {"video/mp4", "", "", false}};
  for (const Case& one : cases) {
    CAPTURE(one.media_type);
    CAPTURE(one.picture);
    CAPTURE(one.sound);
    CHECK(plays_directly(film(one.media_type, one.picture, one.sound), 0) == one.plays);
  }
}

TEST_CASE("a client that says what it plays from MP4 is believed") {
  using enum protocol::Plays;
  const Video modern = film("video/mp4", "hvc1.1.6.L93.90", "ec-3");
  CHECK(plays_directly(modern, bits({h264, hevc, aac, eac3})));
  CHECK_FALSE(plays_directly(modern, bits({h264, hevc, aac})));
  CHECK_FALSE(plays_directly(film("video/mp4", "avc1.640028", "mp4a.40.2"), bits({vp9, opus})));
  CHECK(plays_directly(film("video/webm", "vp08.00.10.08", "Vorbis"), bits({h264, aac})));
}

TEST_CASE("of several tracks the default counts, else the first") {
  Video video = film("video/mp4", "avc1.640028", "ac-3");
  video.facts->tracks.push_back(track(TrackKind::audio, "mp4a.40.2"));
  CHECK_FALSE(plays_directly(video, 0));
  video.facts->tracks.back().is_default = true;
  CHECK(plays_directly(video, 0));
}

TEST_CASE("a film that was not looked at yet goes by its name") {
  Video video;
  video.row.path = "films/One.mp4";
  CHECK(plays_directly(video, 0));
  video.row.path = "films/One.mkv";
  CHECK_FALSE(plays_directly(video, 0));
}
