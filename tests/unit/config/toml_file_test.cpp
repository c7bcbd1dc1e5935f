#include "orchestrator/config/toml_file.hpp"

#include <doctest/doctest.h>

using namespace carrel::config;

TEST_CASE("sections and keys become names with places") {
  const auto found =
      parse_toml("# comment\n[http]\nlisten = \"a\"\n\n[library]\npaths = [\"x\", \"y:z\"]\nrescan = 30\n",
                 "carrel.toml");
  CHECK(found.errors.empty());
  REQUIRE(found.settings.size() == 3);
  for (const auto& setting : found.settings) {
    CAPTURE(setting.name);
    if (setting.name == "http.listen") {
      CHECK(setting.where == "carrel.toml:3");
      CHECK(setting.value.items == std::vector<std::string>{"a"});
      CHECK_FALSE(setting.value.is_list);
    } else if (setting.name == "library.paths") {
      CHECK(setting.where == "carrel.toml:6");
      CHECK(setting.value.items == std::vector<std::string>{"x", "y:z"});
      CHECK(setting.value.is_list);
    } else {
      CHECK(setting.name == "library.rescan");
      CHECK(setting.value.items == std::vector<std::string>{"30"});
    }
  }
}

TEST_CASE("fractions keep their value") {
  const auto found = parse_toml("[sandbox]\ncpus = 0.1\n", "f");
  REQUIRE(found.settings.size() == 1);
  CHECK(found.settings[0].value.items.front() == "0.1");
}

TEST_CASE("what is no TOML is one error with its line") {
  const auto found = parse_toml("[http]\nlisten = \n", "carrel.toml");
  CHECK(found.settings.empty());
  REQUIRE(found.errors.size() == 1);
  CHECK(found.errors[0].starts_with("carrel.toml:2: "));
}

TEST_CASE("a value of another kind is an error with its place") {
  const auto found =
      parse_toml("[http]\nbody = 2020-01-01\nlist = [[1]]\n[http.deep]\na = 1\n", "carrel.toml");
  CHECK(found.settings.empty());
  REQUIRE(found.errors.size() == 3);
  for (const auto& error : found.errors) CHECK(error.find("write a text") != std::string::npos);
}

TEST_CASE("a broken section header is an error with its line") {
  for (const char* header :
       {"[*x]", "[", "[[", "[ \t", "[[ =", "[.a]", "[#]", "[]", "[[]]", "[ü]", "[{]", "[a", "[a.]"}) {
    CAPTURE(header);
    const auto found = parse_toml(std::string("a = 1\n") + header, "carrel.toml");
    CHECK(found.settings.empty());
    REQUIRE(found.errors.size() == 1);
    CHECK(found.errors[0].starts_with("carrel.toml:2: "));
  }
}

TEST_CASE("other alphabets are for strings and comments") {
  const auto found = parse_toml("# für uns\n[http]\nlisten = \"ä {%41}\" # ß\nweb_dir = 'ö'\n", "f");
  CHECK(found.errors.empty());
  REQUIRE(found.settings.size() == 2);
  CHECK(found.settings[0].value.items.front() == "ä {%41}");
  CHECK(found.settings[1].value.items.front() == "ö");
  for (const char* wrong : {"[http]\nlästen = 1", "[h]\n\xef\xae\xaf", "a = '''\n''' ü", "a = \"\\\"\" ü",
                            "a = 1\n\xff", "a = 1\nb = [}", "a = 1\nb = 1'ü'"}) {
    CAPTURE(wrong);
    const auto refused = parse_toml(wrong, "f");
    CHECK(refused.settings.empty());
    REQUIRE(refused.errors.size() == 1);
    CHECK(refused.errors[0].starts_with("f:2: ") ==
          (std::string_view(wrong).find('\n') != std::string_view::npos));
  }
  CHECK(parse_toml("a = 1\nb = \"\"\"x\ny\"\"\"\nü = 2", "f").errors.at(0).starts_with("f:4: "));
}
