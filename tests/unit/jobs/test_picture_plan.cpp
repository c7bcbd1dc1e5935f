#include <doctest/doctest.h>

#include "films.hpp"
#include "orchestrator/jobs/picture_plan.hpp"

using namespace carrel;
using namespace carrel::jobs;

TEST_CASE("a poster is a sync sample after the film's beginning") {
  const PicturePlan plan = poster_plan(test::good_film("v1"));
  CHECK(plan.name == kPosterName);
  CHECK(plan.request.times_us == std::vector<std::uint64_t>{test::kHour / 10});
  CHECK(plan.request.sync_only);
}

TEST_CASE("thumbnails are of the second that is asked for, and of few widths") {
  const Film film = test::good_film("v1");
  CHECK(thumbnail_plan(film, 0, 320)->name == "t0-320");
  CHECK(thumbnail_plan(film, 9, 320)->name == "t9-320");
  CHECK(thumbnail_plan(film, 9, 320)->request.times_us == std::vector<std::uint64_t>{9'000'000});
  CHECK(thumbnail_plan(film, 15, 200)->name == "t15-320");
  CHECK(thumbnail_plan(film, 3600, 1)->name == "t3600-160");
  CHECK(thumbnail_plan(film, 15, 4000)->name == "t15-1280");
  CHECK_FALSE(thumbnail_plan(film, 3601, 320).has_value());
  Film endless = film;
  endless.duration_us = 24 * test::kHour;
  CHECK(thumbnail_plan(endless, 14, 320)->name == "t14-320");
  CHECK_FALSE(thumbnail_plan(film, 10, 320)->request.sync_only);
}

TEST_CASE("sprites are a tile every ten seconds, and of a long film fewer") {
  struct Case {
    std::uint64_t seconds;
    SpriteMap map;
  };
  const std::vector<Case> cases{{0, {}},
                                {1, {10'000'000, 1, 100, 1, 1}},
                                {95, {10'000'000, 10, 100, 10, 1}},
                                {1001, {10'000'000, 101, 100, 10, 2}},
                                {8000, {10'000'000, 800, 100, 10, 8}},
                                {8001, {11'000'000, 728, 100, 10, 8}},
                                {86400, {108'000'000, 800, 100, 10, 8}}};
  for (const Case& one : cases) {
    CAPTURE(one.seconds);
    Film film = test::good_film("v1");
    film.duration_us = one.seconds * 1'000'000;
    CHECK(sprite_map(film) == one.map);
  }
}

TEST_CASE("the last sheet has what is left") {
  Film film = test::good_film("v1");
  film.duration_us = 1'001'000'000;
  const auto first = sprite_plan(film, 0);
  const auto last = sprite_plan(film, 1);
  CHECK(first->request.times_us.size() == 100);
  CHECK(first->request.times_us.back() == 990'000'000);
  CHECK(last->request.times_us == std::vector<std::uint64_t>{1'000'000'000});
  CHECK(last->request.columns == 10);
  CHECK(last->request.sync_only);
  CHECK_FALSE(sprite_plan(film, 2).has_value());
}

TEST_CASE("the map tells where each tile is") {
  Film film = test::good_film("v1");
  film.duration_us = 35'500'000;
  CHECK(sprites_vtt(film, 160, 90) ==
        "WEBVTT\n"
        "\n00:00:00.000 --> 00:00:10.000\nsprites/0.jpg#xywh=0,0,160,90\n"
        "\n00:00:10.000 --> 00:00:20.000\nsprites/0.jpg#xywh=160,0,160,90\n"
        "\n00:00:20.000 --> 00:00:30.000\nsprites/0.jpg#xywh=320,0,160,90\n"
        "\n00:00:30.000 --> 00:00:35.500\nsprites/0.jpg#xywh=480,0,160,90\n");
  film.duration_us = 7'200'000'000;
  const std::string text = sprites_vtt(film, 160, 68);
  CHECK(text.find("\n00:18:30.000 --> 00:18:40.000\nsprites/1.jpg#xywh=160,68,160,68\n") !=
        std::string::npos);
  CHECK(text.find("\n01:59:50.000 --> 02:00:00.000\nsprites/7.jpg#xywh=1440,68,160,68\n") !=
        std::string::npos);
}
