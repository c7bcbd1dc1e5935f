// Files beside a film through scanning and indexing, with a worker that only notes what it was given.
#include <doctest/doctest.h>

#include "tests/unit/library/bench.hpp"

using namespace carrel;
using namespace carrel::library;
using test::Bench;

TEST_CASE("a film is indexed again when the files beside it change, and stays on offer") {
  Bench bench;
  bench.write("a.mkv", "film");
  bench.write("a.en.srt", "one");
  std::size_t turn = 0;
  bench.run([&](const Video& video) {
    CHECK(video.playable());
    ++turn;
    if (turn == 1) bench.write("Subs/a.de.forced.ass", "two");
    if (turn == 2) bench.write("a.en.srt", "another one");
    if (turn == 3) return bench.stop();
    bench.library().scan_soon();
  });
  REQUIRE(bench.asked.size() == 3);
  CHECK(bench.asked[0].extension == "mkv");
  REQUIRE(bench.asked[0].sidecars.size() == 1);
  CHECK(bench.asked[0].sidecars[0].language == "en");
  CHECK(bench.descriptors == std::vector<std::size_t>{3, 4, 4});
  REQUIRE(bench.asked[1].sidecars.size() == 2);
  CHECK(bench.asked[1].sidecars[0].extension == "ass");
  CHECK(bench.asked[1].sidecars[0].forced);
  CHECK(bench.asked[2].sidecars == bench.asked[1].sidecars);
}

TEST_CASE("a film whose worker dies of a file beside it plays without") {
  Bench bench;
  bench.dies_of_sidecars = true;
  bench.write("a.mkv", "film");
  bench.write("a.srt", "deadly");
  bench.run([&](const Video& video) {
    if (video.playable()) bench.stop();
  });
  CHECK(bench.descriptors == std::vector<std::size_t>{3, 2});
}
