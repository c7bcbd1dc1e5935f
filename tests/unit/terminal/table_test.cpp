#include "terminal/table.hpp"

#include <doctest/doctest.h>

#include <sstream>

#include "terminal/text_width.hpp"

using namespace carrel::terminal;

namespace {

const std::vector<Column> kColumns{{"ID", false, 8}, {"NAME"}, {"SIZE", true, 4}};

Table example() {
  return Table{kColumns,
               {{{"01a1fa79"}, {"a rather long name of something"}, {"12 MiB"}}, {{"x"}, {"é"}, {"-"}}}};
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

}  // namespace

TEST_CASE("without a terminal every value is whole and numbers end in one column") {
  const auto lines = lines_of(rendered(example(), Style{}));
  REQUIRE(lines.size() == 3);
  CHECK(lines[0] == "ID        NAME                               SIZE");
  CHECK(lines[1] == "01a1fa79  a rather long name of something  12 MiB");
  CHECK(lines[2] == "x         é                                     -");
}

TEST_CASE("no line is wider than the terminal, however narrow it is") {
  for (std::size_t width = 1; width < 60; ++width) {
    CAPTURE(width);
    Style style;
    style.width = width;
    for (const auto& line : lines_of(rendered(example(), style))) CHECK(width_of(line) <= width);
  }
}

TEST_CASE("the widest column is narrowed first, and says so") {
  Style style;
  style.width = 30;
  const auto lines = lines_of(rendered(example(), style));
  CHECK(lines[1] == "01a1fa79  a rather lo…  12 MiB");
}

TEST_CASE("when nothing can be narrowed, columns go from the right, never the first") {
  CHECK(fit({8, 30, 6}, kColumns, 40) == std::vector<std::size_t>{8, 22, 6});
  CHECK(fit({8, 30, 6}, kColumns, 14) == std::vector<std::size_t>{8, 4, 0});
  CHECK(fit({8, 30, 6}, kColumns, 5) == std::vector<std::size_t>{5, 0, 0});
}

TEST_CASE("colour is only where it was asked for, and takes no room") {
  Table table{{{"STATE"}, {"ID"}}, {{{"ready", Tone::good}, {"x"}}}};
  CHECK(rendered(table, Style{}).find('\033') == std::string::npos);
  Style style;
  style.colour = true;
  CHECK(rendered(table, style).find("\033[32mready\033[0m  x") != std::string::npos);
}

TEST_CASE("what comes from outside cannot move the cursor") {
  CHECK(printable("a\033[2Jb\nc") == "a?[2Jb?c");
  CHECK(printable("\xff\xc3\x41 ok é 漢") == "??A ok é 漢");
  CHECK(printable("\xe2\x80\xae"
                  "evil") == "?evil");
  CHECK(printable("\xed\xa0\x80") == "???");
  Table table{{{"NAME"}}, {{{"\033]0;x\a"}}}};
  CHECK(rendered(table, Style{}).find('\033') == std::string::npos);
}

TEST_CASE("wide characters count twice and are never cut in half") {
  CHECK(width_of("漢字") == 4);
  CHECK(clipped("漢字漢字", 5) == "漢字…");
  CHECK(clipped("漢字漢字", 4) == "漢…");
  CHECK(clipped("abc", 3) == "abc");
  CHECK(clipped("abcd", 3) == "ab…");
  CHECK(clipped("abc", 0).empty());
}

TEST_CASE("fields line up and long values are clipped") {
  Style style;
  style.width = 20;
  CHECK(rendered_fields({{"id", {"x"}}, {"session", {"0123456789abcdef"}}}, style) ==
        "id       x\nsession  0123456789…\n");
}
