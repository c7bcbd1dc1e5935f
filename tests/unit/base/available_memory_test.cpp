#include "base/available_memory.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace carrel;

TEST_CASE("the kernel's figure of available memory is read") {
  CHECK(available_memory("MemTotal: 9 kB\nMemAvailable:     2048 kB\n", "") == 2048U * 1024);
  CHECK_FALSE(available_memory("MemTotal: 9 kB\n", ""));
  CHECK_FALSE(available_memory("MemAvailable:", ""));
  CHECK_FALSE(available_memory("MemAvailable: much", ""));
  CHECK_FALSE(available_memory("MemAvailable: 18446744073709551615 kB", ""));
}

TEST_CASE("what ZFS's cache gives back is available, and what it keeps is not") {
  const std::string meminfo = "MemAvailable: 1 kB\n";
  const std::string head = "13 1 0x01 96 26112 4021551052 1234\nname type data\n";
  const std::string least = "c_min                           4    1000\n";
  CHECK(available_memory(meminfo, head + least + "hdr_size 4 7\nsize                 4    5000\n") == 5024U);
  CHECK(available_memory(meminfo, head + least + "size 4 900\n") == 1024U);
  CHECK(available_memory(meminfo, head + least + "hdr_size 4 5000\nsizes 4 5000\n") == 1024U);
  CHECK(available_memory(meminfo, head + least + "size 4 much\n") == 1024U);
  CHECK(available_memory(meminfo, least + "size") == 1024U);
}
