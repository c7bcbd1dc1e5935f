#include <doctest/doctest.h>

#include "converter/plan/shape.hpp"

using namespace carrel::converter;
using carrel::streamer::TrackInfo;

namespace {

TrackInfo film(std::uint32_t width, std::uint32_t height, std::uint32_t aspect_width = 1,
               std::uint32_t aspect_height = 1) {
  TrackInfo track;
  track.width = width;
  track.height = height;
  track.aspect_width = aspect_width;
  track.aspect_height = aspect_height;
  return track;
}

TrackInfo turned(TrackInfo track) {
  track.matrix = {0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000};
  return track;
}

}  // namespace

TEST_CASE("a rung of the ladder keeps the shape, with even sides and square pixels") {
  CHECK(made_size(film(1920, 1080), 720) == Size{1280, 720});
  CHECK(made_size(film(1920, 800), 720) == Size{1728, 720});
  CHECK(made_size(film(1920, 1080), 480) == Size{854, 480});
  CHECK(made_size(film(720, 576, 64, 45), 0) == Size{1024, 576});
  CHECK(made_size(film(720, 480, 8, 9), 0) == Size{720, 540});
  CHECK(made_size(film(641, 361), 0) == Size{642, 362});
  CHECK(made_size(film(320, 240, 4, 3), 0) == Size{426, 240});
}

TEST_CASE("nothing is made larger than the film") {
  CHECK(made_size(film(640, 360), 720) == Size{640, 360});
  CHECK(shown_inside(film(640, 360), {1280, 0}) == Size{640, 360});
}

TEST_CASE("a turned film is measured as it is shown") {
  CHECK(made_size(turned(film(1920, 1080)), 960) == Size{960, 540});
  CHECK(shown_inside(turned(film(1920, 1080)), {160, 160}) == Size{90, 160});
}

TEST_CASE("quarter turns by the matrix") {
  TrackInfo track;
  CHECK(quarter_turns(track.matrix) == 0);
  CHECK(quarter_turns(turned(track).matrix) == 1);
  track.matrix = {-0x10000, 0, 0, 0, -0x10000, 0, 0, 0, 0x40000000};
  CHECK(quarter_turns(track.matrix) == 2);
  track.matrix = {0, -0x10000, 0, 0x10000, 0, 0, 0, 0, 0x40000000};
  CHECK(quarter_turns(track.matrix) == 3);
}

TEST_CASE("a picture fits into its bounds") {
  CHECK(shown_inside(film(1920, 1080), {160, 90}) == Size{160, 90});
  CHECK(shown_inside(film(1920, 1080), {160, 0}) == Size{160, 90});
  CHECK(shown_inside(film(1920, 800), {160, 90}) == Size{160, 66});
  CHECK(shown_inside(film(1920, 1080), {0, 0}) == Size{1920, 1080});
  for (std::uint32_t width = 2; width < 300; ++width) {
    const Size size = shown_inside(film(1920, 803), {width, 0});
    CHECK(size.width <= width);
    CHECK(size.width % 2 == 0);
    CHECK(size.height % 2 == 0);
    CHECK(size.height >= 2);
  }
}

TEST_CASE("tiles lie in rows") {
  const Sheet sheet = sheet_of({160, 90}, 23, 10);
  CHECK(sheet.size() == Size{1600, 270});
  CHECK(sheet.place(0) == Size{0, 0});
  CHECK(sheet.place(9) == Size{1440, 0});
  CHECK(sheet.place(22) == Size{320, 180});
  CHECK(sheet_of({160, 90}, 3, 10).size() == Size{480, 90});
  CHECK(sheet_of({160, 90}, 1, 0).size() == Size{160, 90});
}
