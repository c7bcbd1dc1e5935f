#include "base/unix_time.hpp"

#include <doctest/doctest.h>

using namespace carrel;

TEST_CASE("times are UTC") {
  CHECK(rfc3339(0) == "1970-01-01T00:00:00Z");
  CHECK(rfc3339(1'700'000'000) == "2023-11-14T22:13:20Z");
  CHECK(time_stamp(1'700'000'000) == "20231114T221320Z");
}

TEST_CASE("a stamp tells its time, and nothing else tells one") {
  CHECK(time_of_stamp("20231114T221320Z") == 1'700'000'000);
  for (const char* other :
       {"", "20231114T221320", "20230631T221320Z", "20231314T221320Z", "20231114T221320Z ",
        " 20231114T221320Z", "2023-11-14T22:13:20Z", "20231114T221360Z"}) {
    CAPTURE(other);
    CHECK_FALSE(time_of_stamp(other));
  }
}

TEST_CASE("a moment has its milliseconds") {
  using namespace std::chrono;
  CHECK(rfc3339(system_clock::time_point()) == "1970-01-01T00:00:00.000Z");
  CHECK(rfc3339(system_clock::time_point(1769903999s + 7ms)) == "2026-01-31T23:59:59.007Z");
  CHECK(rfc3339(system_clock::time_point(-1ms)) == "1969-12-31T23:59:59.999Z");
}
