#include <doctest/doctest.h>

#include "orchestrator/library/video.hpp"

using namespace carrel;
using namespace carrel::library;

TEST_CASE("what a worker said survives the database") {
  protocol::Indexed facts;
  facts.readable = true;
  facts.playable = true;
  facts.container = "mkv";
  facts.mime_type = "video/x-matroska";
  facts.duration_us = 5'000'000'000;
  protocol::TrackSummary& track = facts.tracks.emplace_back();
  track.kind = protocol::TrackKind::audio;
  track.codec = "mp4a.40.2";
  track.language = "de";
  track.channels = 6;
  track.bits_per_second = 384'000;
  const auto read = facts_from_json(facts_to_json(facts));
  REQUIRE(read.has_value());
  CHECK(read->duration_us == facts.duration_us);
  REQUIRE(read->tracks.size() == 1);
  CHECK(read->tracks.front().channels == 6);
  CHECK(read->tracks.front().codec == "mp4a.40.2");
}

TEST_CASE("a damaged summary is an error, not a film") {
  for (const char* text : {"", "{}", "[]", "nonsense", R"({"playable":1})"}) {
    CAPTURE(text);
    CHECK(facts_from_json(text).has_error());
  }
}
