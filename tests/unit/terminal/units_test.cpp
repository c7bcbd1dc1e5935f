#include "terminal/units.hpp"

#include <doctest/doctest.h>

using namespace carrel::terminal;

TEST_CASE("bytes in the unit that people would say") {
  CHECK(bytes_text(0) == "0 B");
  CHECK(bytes_text(1023) == "1023 B");
  CHECK(bytes_text(1536) == "1.5 KiB");
  CHECK(bytes_text(512.0 * 1024 * 1024) == "512 MiB");
  CHECK(bytes_text(1024.0 * 1024 * 1024) == "1 GiB");
  CHECK(bytes_text(1048575) == "1 MiB");
}

TEST_CASE("durations with their two largest units") {
  CHECK(duration_text(-5) == "0s");
  CHECK(duration_text(45) == "45s");
  CHECK(duration_text(60) == "1m");
  CHECK(duration_text(185) == "3m 5s");
  CHECK(duration_text(7200) == "2h");
  CHECK(duration_text(86400 * 4 + 3 * 3600 + 59) == "4d 3h");
}
