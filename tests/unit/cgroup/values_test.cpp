#include "orchestrator/cgroup/values.hpp"

#include <doctest/doctest.h>

#include <string>

namespace carrel::cgroup {

TEST_CASE("a number is the whole text or none") {
  CHECK(parse_count("123\n") == 123);
  CHECK(parse_count("0") == 0);
  CHECK(parse_count("18446744073709551615\n") == 18446744073709551615ULL);
  for (const char* bad : {"", "\n", "max\n", "-1\n", "+1", " 1", "1 ", "1\n\n", "0x1", "1.5",
                          "18446744073709551616", "12a", "\xff"}) {
    CAPTURE(std::string(bad));
    CHECK_FALSE(parse_count(bad).has_value());
  }
}

TEST_CASE("a keyed number is that of the whole key") {
  const std::string stat = "total_cache_x 1\ncache 7\ntotal_cache 9\nbad x\nlast 3";
  CHECK(parse_keyed(stat, "total_cache") == 9);
  CHECK(parse_keyed(stat, "cache") == 7);
  CHECK(parse_keyed(stat, "last") == 3);
  CHECK_FALSE(parse_keyed(stat, "bad").has_value());
  CHECK_FALSE(parse_keyed(stat, "absent").has_value());
  CHECK_FALSE(parse_keyed("", "cache").has_value());
  CHECK_FALSE(parse_keyed("cache\n", "cache").has_value());
}

TEST_CASE("no limit is no value") {
  CHECK(parse_limit_v1("536870912\n") == 512U << 20);
  CHECK_FALSE(parse_limit_v1("9223372036854771712\n").has_value());
  CHECK_FALSE(parse_limit_v1("9223372036854710272\n").has_value());  // with pages of 64 KiB
  CHECK_FALSE(parse_limit_v1("18446744073709551615\n").has_value());
}

TEST_CASE("transfers are summed over the devices") {
  CHECK(parse_io_v1("8:0 Read 5\n8:0 Write 7\n8:0 Sync 1\n8:0 Total 13\n8:16 Read 6\nTotal 13\n") ==
        Transferred{11, 7});
  CHECK(parse_io_v1("Total 0\n") == Transferred{});
  CHECK(parse_io_v1("8:0 Read x\nRead 9\n\n\n8:0 Read") == Transferred{});
  CHECK(parse_io_v2("8:0 rbytes=5 wbytes=7 rios=1 wios=2 dbytes=99 dios=0\n8:16 rbytes=6\n") ==
        Transferred{11, 7});
  CHECK(parse_io_v2("") == Transferred{});
  CHECK(parse_io_v2("8:0 rbytes= wbytes=-1 =3 rbytes\n8:0\n") == Transferred{});
}

TEST_CASE("pressure is a share, of some or of all") {
  const auto both = parse_pressure(
      "some avg10=12.50 avg60=1.00 avg300=0.00 total=5666\nfull avg10=100.00 avg60=0.00 avg300=0.00 "
      "total=1\n");
  REQUIRE(both.has_value());
  CHECK(both->some == doctest::Approx(0.125));
  CHECK(both->full == doctest::Approx(1));
  CHECK(parse_pressure("some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n") == Pressure{});
  for (const char* bad : {"", "full avg10=1.00 avg60=0", "some avg60=1.00", "some avg10=nan total=1",
                          "some avg10=101 total=1", "some avg10=-1 total=1", "some avg10= total=1", "some"}) {
    CAPTURE(std::string(bad));
    CHECK_FALSE(parse_pressure(bad).has_value());
  }
}

TEST_CASE("a time that is more than can be held is none") {
  CHECK(from_nanoseconds(5) == std::chrono::nanoseconds(5));
  CHECK(from_microseconds(5) == std::chrono::microseconds(5));
  CHECK_FALSE(from_nanoseconds(std::nullopt).has_value());
  CHECK_FALSE(from_nanoseconds(std::uint64_t{1} << 63U).has_value());
  CHECK_FALSE(from_microseconds(std::uint64_t{1} << 54U).has_value());
}

TEST_CASE("no bytes get further than no value") {
  std::string bytes;
  for (int i = 0; i < 4096; ++i) bytes += static_cast<char>((i * 37) ^ (i >> 3));
  CHECK_FALSE(parse_keyed(bytes, "oom_kill").has_value());
  CHECK_FALSE(parse_pressure(bytes).has_value());
  CHECK(parse_io_v1(bytes) == Transferred{});
  CHECK(parse_io_v2(bytes) == Transferred{});
  CHECK_FALSE(parse_keyed(std::string(100'000, 'x'), "x").has_value());
}

}  // namespace carrel::cgroup
