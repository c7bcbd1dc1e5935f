#include <doctest/doctest.h>

#include "tests/load/playhead.hpp"

namespace carrel::load {
namespace {

struct Film {
  Playhead head;
  Clock::time_point began = Clock::now();
  [[nodiscard]] Clock::time_point at(double seconds) const {
    return began + std::chrono::duration_cast<Clock::duration>(Seconds(seconds));
  }
};

TEST_CASE("a playhead moves with the clock, and no further than what was fetched") {
  Film film;
  film.head.begin(0);
  CHECK_FALSE(film.head.begun());
  CHECK(film.head.position(film.at(5)) == 0);
  CHECK(film.head.fetched(6, film.at(5)) == 0);
  CHECK(film.head.begun());
  CHECK(film.head.position(film.at(8)) == doctest::Approx(3));
  CHECK(film.head.position(film.at(20)) == doctest::Approx(6));
}

TEST_CASE("a stall lasts from where nothing is left until there is more") {
  Film film;
  film.head.begin(0);
  film.head.fetched(6, film.at(0));
  CHECK(film.head.fetched(12, film.at(5)) == 0);
  CHECK(film.head.fetched(18, film.at(14.5)) == doctest::Approx(2.5));
  CHECK(film.head.position(film.at(15.5)) == doctest::Approx(13));
  CHECK(film.head.fetched(24, film.at(20)) == 0);
}

TEST_CASE("a stall that has not ended is told as far as it has come") {
  Film film;
  film.head.begin(0);
  CHECK(film.head.stalled(film.at(3)) == 0);
  film.head.fetched(6, film.at(3));
  CHECK(film.head.stalled(film.at(8)) == 0);
  CHECK(film.head.stalled(film.at(40)) == doctest::Approx(31));
  film.head.pause(film.at(40));
  CHECK(film.head.stalled(film.at(50)) == 0);
  film.head.resume(film.at(50));
  CHECK(film.head.stalled(film.at(52)) == doctest::Approx(2));
}

TEST_CASE("a pause is no stall, and a seek begins anew") {
  Film film;
  film.head.begin(0);
  film.head.fetched(6, film.at(0));
  film.head.pause(film.at(4));
  CHECK(film.head.position(film.at(9)) == doctest::Approx(4));
  CHECK(film.head.fetched(8, film.at(10)) == 0);
  film.head.resume(film.at(10));
  CHECK(film.head.position(film.at(11)) == doctest::Approx(5));
  film.head.begin(100);
  CHECK(film.head.position(film.at(30)) == 100);
  CHECK(film.head.fetched(106, film.at(31)) == 0);
  CHECK(film.head.position(film.at(32)) == doctest::Approx(101));
}

}  // namespace
}  // namespace carrel::load
