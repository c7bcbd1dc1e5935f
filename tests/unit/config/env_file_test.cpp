#include "orchestrator/config/env_file.hpp"

#include <doctest/doctest.h>

using namespace carrel::config;

namespace {

std::string value_of(const std::string& line) {
  const auto found = parse_env(line, ".env");
  REQUIRE(found.errors.empty());
  REQUIRE(found.settings.size() == 1);
  return found.settings[0].value.items.at(0);
}

std::string error_of(const std::string& line) {
  const auto found = parse_env(line, ".env");
  CHECK(found.settings.empty());
  REQUIRE(found.errors.size() == 1);
  return found.errors[0];
}

}  // namespace

TEST_CASE("values, bare and quoted") {
  CHECK(value_of("A=b") == "b");
  CHECK(value_of("A=") == "");
  CHECK(value_of("A=  b c  ") == "b c");
  CHECK(value_of("A=b # comment") == "b");
  CHECK(value_of("A=b#c") == "b#c");
  CHECK(value_of("A=# comment") == "");
  CHECK(value_of("A=b=c") == "b=c");
  CHECK(value_of("A='b # \\n $c'") == "b # \\n $c");
  CHECK(value_of("A=\"b\\n\\\"c\\\\\" # comment") == "b\n\"c\\");
  CHECK(value_of("export A=b\r\n") == "b");
}

TEST_CASE("blank lines and comments are skipped, lines are counted") {
  const auto found = parse_env("\n# c\n  \nA=1\n B = 2 \n", ".env");
  REQUIRE(found.settings.size() == 2);
  CHECK(found.settings[0].where == ".env:4");
  CHECK(found.settings[1].name == "B");
  CHECK(found.settings[1].where == ".env:5");
}

TEST_CASE("what is wrong is told without the value") {
  CHECK(error_of("\njust text") == ".env:2: expected NAME=value");
  CHECK(error_of("1A=x") == ".env:1: expected NAME=value");
  CHECK(error_of("=x") == ".env:1: expected NAME=value");
  CHECK(error_of("A='hunter2") == ".env:1: A: the closing quote is missing");
  CHECK(error_of("A=\"hunter2\\") == ".env:1: A: the closing quote is missing");
  CHECK(error_of("A='hunter2'x") == ".env:1: A: text after the closing quote");
  CHECK(error_of("A=\"hunter2\\q\"").find("hunter2") == std::string::npos);
}
