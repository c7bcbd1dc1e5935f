#include <doctest/doctest.h>

#include "streamer/subtitles/timed_text.hpp"

using namespace carrel::streamer::subtitles;

TEST_CASE("cues are put on the film's timeline") {
  const auto cues = place_cues({{5'000'000, 6'000'000, "late", "", 0},
                                {-500'000, 500'000, "over before zero", "", 0},
                                {500'000, 1'500'000, "begins before zero", "", 0},
                                {2'000'000, 2'000'000, "no time", "", 0},
                                {3'000'000, 2'000'000, "backwards", "", 0},
                                {3'000'000, 4'000'000, "", "", 0},
                                {2'000'000, 9'000'000, "over", "line:0", 1},
                                {2'000'000, 3'000'000, "under", "", 0},
                                {2'000'000, 9'000'000, "over", "line:0", 2}},
                               1'000'000);
  REQUIRE(cues.size() == 4);
  CHECK(cues[0].text == "begins before zero");
  CHECK(cues[0].start_us == 0);
  CHECK(cues[0].end_us == 500'000);
  CHECK(cues[1].text == "under");
  CHECK(cues[2].text == "over");
  CHECK(cues[2].settings == "line:0");
  CHECK(cues[3].start_us == 4'000'000);
}

TEST_CASE("a negative origin moves cues to later") {
  const auto cues = place_cues({{0, 1'000'000, "a", "", 0}}, -80'000);
  REQUIRE(cues.size() == 1);
  CHECK(cues[0].start_us == 80'000);
  CHECK(cues[0].end_us == 1'080'000);
}

TEST_CASE("times beyond any film and more cues than an index holds") {
  std::vector<TimedText> many(carrel::streamer::kMaxCues + 10, {0, 1, "x", "", 0});
  for (std::size_t i = 0; i < many.size(); ++i) many[i].end_us = static_cast<std::int64_t>(i + 1);
  many.push_back({INT64_MAX, INT64_MAX, "never", "", 0});
  many.push_back({INT64_MIN, INT64_MAX, "always", "", 0});
  const auto cues = place_cues(many, 0);
  CHECK(cues.size() == carrel::streamer::kMaxCues);
  CHECK(cues[0].text == "always");
}
