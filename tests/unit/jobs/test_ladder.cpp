#include <doctest/doctest.h>

#include "films.hpp"
#include "orchestrator/jobs/ladder.hpp"

using namespace carrel;
using namespace carrel::jobs;
using Names = std::vector<std::string>;

TEST_CASE("a film is made playable where it is not, and smaller where it is larger") {
  struct Case {
    bool needs_play;
    bool not_everywhere;
    std::uint32_t height;
    Names names;
  };
  const std::vector<Case> cases{{false, false, 1080, {"720p", "480p", "360p"}},
                                {false, false, 720, {"480p", "360p"}},
                                {false, false, 721, {"720p", "480p", "360p"}},
                                {false, false, 360, {}},
                                {true, false, 240, {"play"}},
                                {true, false, 576, {"play", "480p", "360p"}},
                                {false, true, 720, {"play", "480p", "360p"}}};
  for (const Case& one : cases) {
    CAPTURE(one.height);
    Film film = test::good_film("v1");
    film.needs_play = one.needs_play;
    film.not_everywhere = one.not_everywhere;
    film.height = one.height;
    CHECK(makeable(film) == one.names);
  }
}

TEST_CASE("nothing is made of what is not known, has no picture or no length") {
  for (int what = 0; what < 3; ++what) {
    Film film = test::old_film("v1");
    if (what == 0) film.ready = false;
    if (what == 1) film.has_picture = false;
    if (what == 2) film.duration_us = 0;
    CHECK(makeable(film).empty());
  }
  CHECK_FALSE(is_makeable(test::old_film("v1"), "1080p"));
  CHECK_FALSE(is_makeable(test::old_film("v1"), ""));
}

TEST_CASE("an old codec gets room, a lower rung never more bits than the film has") {
  Film film = test::old_film("v1");
  film.picture_bits_per_second = 20'000'000;
  CHECK(bits_per_second_of(film, "play") == 6'400'000);
  film.picture_bits_per_second = 500'000;
  CHECK(bits_per_second_of(film, "play") == 3'200'000);
  CHECK(bits_per_second_of(film, "480p") == 500'000);
  film.picture_bits_per_second = 0;
  CHECK(bits_per_second_of(film, "480p") == 1'600'000);
  film.milliframes = 50'000;
  CHECK(bits_per_second_of(film, "480p") == 2'400'000);
}

TEST_CASE("what a film takes on the disk is its rate by its length, and a little for the index") {
  const Film film = test::good_film("v1");
  const std::uint64_t media = 3600ULL * 3'200'000 / 8;
  CHECK(expected_bytes(film, "720p") > media);
  CHECK(expected_bytes(film, "720p") < media + media / 100);
}

TEST_CASE("a video is seen as its facts have it") {
  const Film film = film_of(test::ready_video("v1", false));
  CHECK(film.needs_play);
  CHECK(film.has_picture);
  CHECK(film.height == 1080);
  library::Video waiting = test::ready_video("v1", false);
  waiting.row.state = library::VideoState::waiting;
  CHECK_FALSE(film_of(waiting).ready);
  CHECK_FALSE(film_of(test::ready_video("v1", true)).needs_play);
}

TEST_CASE("of a picture that some browsers lack a version can be asked for") {
  const std::vector<std::pair<const char*, bool>> cases{
      {"avc1.42C01E", false},     {"avc1.4D4028", false},  {"avc3.640028", false}, {"avc1.640028", false},
      {"avc1.6E0032", true},      {"avc1.7A0032", true},   {"avc1.F40032", true},  {"hvc1.1.6.L120.90", true},
      {"hev1.2.4.L120.B0", true}, {"av01.0.08M.08", true}, {"vp09.00.40.08", true}};
  library::Video video = test::ready_video("v1", true);
  for (const auto& [codec, lacking] : cases) {
    CAPTURE(codec);
    video.facts->tracks[0].codec = codec;
    CHECK(film_of(video).not_everywhere == lacking);
    CHECK(is_makeable(film_of(video), "play") == lacking);
    CHECK_FALSE(film_of(video).needs_play);
  }
  CHECK_FALSE(film_of(test::ready_video("v1", false)).not_everywhere);
  video.facts->tracks.erase(video.facts->tracks.begin());
  CHECK_FALSE(is_makeable(film_of(video), "play"));
}

TEST_CASE("a film that stands is counted by its shorter side, as one that lies") {
  Film film = test::good_film("v1");
  std::swap(film.width, film.height);
  CHECK(makeable(film) == std::vector<std::string>{"720p", "480p", "360p"});
  CHECK(height_of(film, "720p") == 1280);
  CHECK(height_of(film, "480p") == 852);  // even
  CHECK(height_of(film, "play") == 1920);
  CHECK(bits_per_second_of(film, "720p") == bits_per_second_of(test::good_film("v1"), "720p"));
  CHECK(height_of(test::good_film("v1"), "720p") == 720);
  CHECK(lines_of(2160, 3840) == 2160);
  CHECK(lines_of(0, 480) == 480);
}
