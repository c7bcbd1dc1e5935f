#include <doctest/doctest.h>

#include <stdexcept>

#include "streamer/respond/body.hpp"
#include "tests/unit/streamer/rendered.hpp"

using namespace carrel;
using namespace carrel::streamer;

namespace {
const std::string kFilm = test::film_text(100);

/// Byte n is the last digit of n, from 'A' on.
class Letters : public BodyMaker {
 public:
  Result<void> make(int, std::uint64_t offset, std::span<char> into) override {
    for (char& c : into) c = static_cast<char>('A' + offset++ % 10);
    return {};
  }
};

const Pieces kBody = {MadeBytes("head"),
                      FilmBytes{10, 5},
                      MadeBytes(),
                      FilmBytes{50, 3},
                      StridedBytes{60, 9, 3, 5, 1},
                      LaterBytes{std::make_shared<Letters>(), 3, 11},
                      MadeBytes("tail")};
}  // namespace

TEST_CASE("skipping any count leaves the rest") {
  const std::string all = test::rendered(kBody, kFilm);
  REQUIRE(total_bytes(kBody) == all.size());
  for (std::size_t count = 0; count <= all.size(); ++count) {
    CHECK(test::rendered(skip_bytes(kBody, count), kFilm) == all.substr(count));
  }
  CHECK_THROWS_AS(static_cast<void>(skip_bytes(kBody, all.size() + 1)), std::out_of_range);
}

TEST_CASE("every slice") {
  const std::string all = test::rendered(kBody, kFilm);
  for (std::size_t offset = 0; offset <= all.size(); ++offset) {
    for (std::size_t length = 0; offset + length <= all.size(); ++length) {
      Pieces slice;
      append_slice(slice, kBody, offset, length);
      REQUIRE(test::rendered(slice, kFilm) == all.substr(offset, length));
    }
  }
  Pieces beyond;
  CHECK_THROWS_AS(append_slice(beyond, kBody, 0, all.size() + 1), std::out_of_range);
}

TEST_CASE("parts with a stride end where their last byte does") {
  CHECK(film_end({100, 0, 4, 10, 0}) == 100);
  CHECK(film_end({100, 4, 4, 10, 0}) == 104);
  CHECK(film_end({100, 5, 4, 10, 0}) == 111);
  CHECK(film_end({100, 4, 4, 10, 3}) == 113);
  CHECK(after({100, 9, 4, 10, 3}, 2) == StridedBytes{110, 7, 4, 10, 1});
}
