#include "base/escape.hpp"

#include <doctest/doctest.h>

using namespace carrel;

TEST_CASE("a name cannot leave its place in a URL") {
  CHECK(percent_encoded("a/../b?c#d e%") == "a%2F..%2Fb%3Fc%23d%20e%25");
  CHECK(percent_encoded("é") == "%C3%A9");
  CHECK(percent_encoded("a.b_c-d~1") == "a.b_c-d~1");
}

TEST_CASE("escapes are decoded, and what is none stays") {
  CHECK(percent_decoded("anna%40example") == "anna@example");
  CHECK(percent_decoded("%41%4a%4A") == "AJJ");
  for (const char* text : {"", "%", "%4", "%zz", "%-1", "%+1", "% 1", "a%", "plain"}) {
    CHECK(percent_decoded(text) == text);
  }
}

TEST_CASE("a stranger's words cannot drive a terminal") {
  CHECK(printable("plain\ttext\n") == "plain\ttext\n");
  CHECK(printable(std::string_view("\0\x1b[2J\r\x7f\xc2\x9b", 9)) == "\\x00\\x1B[2J\\x0D\\x7F\\xC2\\x9B");
}
