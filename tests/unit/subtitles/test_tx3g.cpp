#include <doctest/doctest.h>

#include <vector>

#include "streamer/subtitles/tx3g.hpp"

using namespace carrel::streamer::subtitles;

namespace {

std::string sample(std::string_view text, std::string_view boxes = {}) {
  std::string bytes{static_cast<char>(text.size() >> 8U), static_cast<char>(text.size())};
  bytes += text;
  bytes += boxes;
  return bytes;
}

std::string record(char first, char end, char flags, const std::string& colour = "\xff\xff\xff") {
  return std::string{'\0', first, '\0', end, '\0', '\1', flags, '\x12'} + colour + '\xff';
}

std::string styl(const std::vector<std::string>& records) {
  std::string box{'\0', '\0',
                  '\0', static_cast<char>(10 + 12 * records.size()),
                  's',  't',
                  'y',  'l',
                  '\0', static_cast<char>(records.size())};
  for (const std::string& one : records) box += one;
  return box;
}

}  // namespace

TEST_CASE("style records count characters, not bytes") {
  const std::string bytes = sample(
      "g\xc3\xbc"
      "n grau",
      styl({record(1, 3, 2), record(4, 8, 1)}));
  CHECK(tx3g_payload(bytes, {}) == "g<i>\xc3\xbcn</i> <b>grau</b>");
}

TEST_CASE("colours that WebVTT has a class for") {
  const std::string black(3, '\0');
  const std::string bytes =
      sample("red, not black", styl({record(0, 3, 0, std::string("\xff\0\0", 3)),
                                     record(5, 8, 2, "\xff\x80\x80"), record(9, 14, 0, black)}));
  CHECK(tx3g_payload(bytes, {}) == "<c.red>red</c>, <i>not</i> black");
  std::string description(45, '\0');
  description.replace(26, 3, "\xff\xff\0", 3);
  CHECK(tx3g_payload(sample("a"), tx3g_defaults(description)) == "<c.yellow>a</c>");
}

TEST_CASE("text in UTF-16") {
  CHECK(tx3g_payload(sample(std::string_view("\xfe\xff\0H\0i", 6)), {}) == "Hi");
}

TEST_CASE("empty and damaged samples") {
  CHECK(tx3g_payload("", {}).empty());
  CHECK(tx3g_payload(sample(""), {}).empty());
  CHECK(tx3g_payload(std::string_view("\xff\xff"
                                      "cut",
                                      5),
                     {}) == "cut");
  CHECK(tx3g_payload(sample("a", std::string_view("\0\0\0\x10styl\0\x09", 10)), {}) == "a");
  CHECK(tx3g_payload(sample("a", styl({record(5, 2, 7), record(0, 100, 4)})), {}) == "<u>a</u>");
}

TEST_CASE("what the description says of all samples") {
  std::string description(45, '\0');
  description[0] = '\x80';
  description[4] = 1;
  description[5] = '\xff';
  description[24] = 3;
  const Tx3gDefaults defaults = tx3g_defaults(description);
  CHECK(defaults.all_forced);
  CHECK(defaults.keypad == 2);
  CHECK(tx3g_payload(sample("a"), defaults) == "<b><i>a</i></b>");
  CHECK(tx3g_defaults("short").keypad == 2);
}
