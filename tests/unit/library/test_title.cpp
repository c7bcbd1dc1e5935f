#include <doctest/doctest.h>

#include "orchestrator/library/title.hpp"

using carrel::library::extension_of;
using carrel::library::title_from;

TEST_CASE("titles are what people would have written") {
  CHECK(title_from("The_Long_Walk.mkv") == "The Long Walk");
  CHECK(title_from("The.Long.Walk.1979.mkv") == "The Long Walk 1979");
  CHECK(title_from("Dr. Who and Co.mp4") == "Dr. Who and Co");
  CHECK(title_from("  spaced .mp4") == "spaced");
  CHECK(title_from("no extension") == "no extension");
  CHECK(title_from("___.mp4") == "___.mp4");
  CHECK(title_from("Łódź — 7.mp4") == "Łódź — 7");
}

TEST_CASE("titles are UTF-8 whatever the file system says") {
  CHECK(title_from("bad\xff name.mp4") == "bad\xEF\xBF\xBD name");
  CHECK(title_from("over\xC0\xAF long.mp4") == "over\xEF\xBF\xBD\xEF\xBF\xBD long");
  CHECK(title_from("sur\xED\xA0\x80 rogate.mp4").find('\xED') == std::string::npos);
  CHECK(title_from("line\nbreak x.mp4") ==
        "line\xEF\xBF\xBD"
        "break x");
  CHECK(title_from("cut \xE2\x82.mp4") == "cut \xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST_CASE("extensions are lower case and never the whole name") {
  CHECK(extension_of("a.MP4") == "mp4");
  CHECK(extension_of("a.tar.gz") == "gz");
  CHECK(extension_of(".hidden").empty());
  CHECK(extension_of("none").empty());
}
