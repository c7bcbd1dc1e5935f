#include <doctest/doctest.h>

#include <limits>

#include "streamer/protocol/conditions.hpp"
#include "streamer/respond/ranges.hpp"

using namespace carrel;
using namespace carrel::streamer;

namespace {

SelectedRanges select(const char* header, std::uint64_t size) {
  return select_ranges(protocol::parse_range(header), size);
}

using Spans = std::vector<Span>;

}  // namespace

TEST_CASE("one range against a length") {
  CHECK(select("bytes=0-499", 10000).spans == Spans{{0, 499}});
  CHECK(select("bytes=500-", 10000).spans == Spans{{500, 9999}});
  CHECK(select("bytes=-500", 10000).spans == Spans{{9500, 9999}});
  CHECK(select("bytes=-20000", 10000).spans == Spans{{0, 9999}});
  CHECK(select("bytes=9000-20000", 10000).spans == Spans{{9000, 9999}});
  CHECK(select("bytes=0-99999999999999999999999", 10000).spans == Spans{{0, 9999}});
  CHECK(select("bytes=0-0", 1).spans == Spans{{0, 0}});
}

TEST_CASE("nothing satisfiable") {
  CHECK(select("bytes=10000-", 10000).verdict == RangeVerdict::unsatisfiable);
  CHECK(select("bytes=-0", 10000).verdict == RangeVerdict::unsatisfiable);
  CHECK(select("bytes=10000-10001,99999-", 10000).verdict == RangeVerdict::unsatisfiable);
  CHECK(select("bytes=99999999999999999999999-", 10000).verdict == RangeVerdict::unsatisfiable);
}

TEST_CASE("an empty film") {
  CHECK(select("bytes=0-", 0).verdict == RangeVerdict::unsatisfiable);
  CHECK(select("bytes=0-0", 0).verdict == RangeVerdict::unsatisfiable);
  CHECK(select("bytes=-0", 0).verdict == RangeVerdict::unsatisfiable);
  CHECK(select("bytes=-5", 0).verdict == RangeVerdict::whole);
  CHECK(select("", 0).verdict == RangeVerdict::whole);
}

TEST_CASE("several ranges keep their order, and those outside are left out") {
  CHECK(select("bytes=900-999,0-99", 1000).spans == Spans{{900, 999}, {0, 99}});
  CHECK(select("bytes=0-0,-1", 1000).spans == Spans{{0, 0}, {999, 999}});
  CHECK(select("bytes=5000-,0-9", 1000).spans == Spans{{0, 9}});
  CHECK(select("bytes=0-99,50-149", 1000).spans == Spans{{0, 99}, {50, 149}});
}

TEST_CASE("ranges that ask for more than the film are merged") {
  CHECK(select("bytes=0-,0-,0-", 1000).spans == Spans{{0, 999}});
  CHECK(select("bytes=500-999,0-600", 1000).spans == Spans{{0, 999}});
  CHECK(select("bytes=0-899,900-949,10-899", 1000).spans == Spans{{0, 949}});
  CHECK(select("bytes=0-5,0-5,8-9", 10).spans == Spans{{0, 5}, {8, 9}});
}

TEST_CASE("the greatest film there can be") {
  constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  CHECK(select("bytes=0-,0-", most).spans == Spans{{0, most - 1}});
  CHECK(select("bytes=-1", most).spans == Spans{{most - 1, most - 1}});
}
