#include <doctest/doctest.h>

#include "streamer/demux/single_picture.hpp"
#include "tests/unit/media/index_file.hpp"

using namespace carrel::streamer;
using namespace carrel::streamer::testing;

namespace {

std::vector<std::uint32_t> durations(std::size_t samples, std::uint32_t duration, std::int64_t length) {
  auto repeated = run_of(samples, duration, 1);
  const SampleRecord first = repeated.front();
  repeat_single_picture(repeated, 25, length);
  std::vector<std::uint32_t> found;
  for (SampleRecord& sample : repeated) {
    found.push_back(sample.duration);
    sample.duration = first.duration;
    if (samples == 1) CHECK(sample == first);
  }
  return found;
}

}  // namespace

TEST_CASE("an only picture comes again every second while there is sound") {
  using Durations = std::vector<std::uint32_t>;
  CHECK(durations(1, 1, 75) == Durations{25, 25, 25});
  CHECK(durations(1, 1, 87) == Durations{25, 25, 37});
  CHECK(durations(1, 1, 88) == Durations{25, 25, 25, 13});
  CHECK(durations(1, 60, 0) == Durations{25, 35});
}

TEST_CASE("a short moment, several pictures and what lasts for years stay as they are") {
  CHECK(durations(1, 1, 37).size() == 1);
  CHECK(durations(1, 1, 0) == std::vector<std::uint32_t>{1});
  CHECK(durations(2, 1, 1000).size() == 2);
  CHECK(durations(1, 1, std::int64_t{86'400} * 25).size() == 86'400);
  CHECK(durations(1, 7, std::int64_t{86'401} * 25) == std::vector<std::uint32_t>{7});
}
