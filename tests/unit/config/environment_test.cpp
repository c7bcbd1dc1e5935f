#include "orchestrator/config/environment.hpp"

#include <doctest/doctest.h>

#include "temporary_file.hpp"

using namespace carrel::config;

namespace {

Settings resolve(const std::vector<std::pair<std::string, std::string>>& variables) {
  std::vector<Setting> settings;
  for (const auto& [name, value] : variables)
    settings.push_back({name, Value{{value}, false}, "environment"});
  return resolve_variables(settings);
}

}  // namespace

TEST_CASE("every key has its variable") {
  for (const auto& key : keys()) {
    const auto found = resolve({{variable_of(key), "x"}});
    REQUIRE(found.settings.size() == 1);
    CHECK(found.settings[0].name == key.name);
  }
  CHECK(variable_of(keys()[0]) == "CARREL_HTTP_LISTEN");
}

TEST_CASE("unknown variables are refused by name, those of others are not") {
  const auto found = resolve({{"CARREL_HTTP_LISEN", "x"},
                              {"CARREL_QWERTZ", "x"},
                              {"CARREL_CACHE_DIR", "x"},
                              {"CARREL_BUILD_DIR", "x"},
                              {"CARREL_SOURCE_DIR", "x"},
                              {"CARREL_MEDIA_DIR", "x"},
                              {"CARREL_TEST_ANYTHING", "x"},
                              {"CARREL_DEMO_LENGTH", "x"},
                              {"PATH", "x"}});
  CHECK(found.settings.empty());
  REQUIRE(found.errors.size() == 2);
  CHECK(found.errors[0] ==
        "environment: unknown variable CARREL_HTTP_LISEN; did you mean CARREL_HTTP_LISTEN?");
  CHECK(found.errors[1] == "environment: unknown variable CARREL_QWERTZ");
}

TEST_CASE("a value may come from a file") {
  const test::TemporaryFile file("secret", "correct horse\n");
  const auto found = resolve({{"CARREL_ADMIN_PASSWORD_FILE", file.path().string()}});
  REQUIRE(found.settings.size() == 1);
  CHECK(found.settings[0].name == "admin.password");
  CHECK(found.settings[0].value.items.front() == "correct horse");
}

TEST_CASE("a file that is missing or huge, and two ways at once, are errors") {
  auto missing = resolve({{"CARREL_ADMIN_PASSWORD_FILE", "/nonexistent/secret"}});
  REQUIRE(missing.errors.size() == 1);
  CHECK(missing.errors[0].find("CARREL_ADMIN_PASSWORD_FILE: open /nonexistent/secret") != std::string::npos);

  const test::TemporaryFile huge("huge", std::string(70000, 'x'));
  CHECK(resolve({{"CARREL_ADMIN_PASSWORD_FILE", huge.path().string()}}).errors.size() == 1);

  auto both = resolve({{"CARREL_POOL_SIZE", "1"}, {"CARREL_POOL_SIZE_FILE", "/dev/null"}});
  REQUIRE(both.errors.size() == 1);
  CHECK(both.errors[0].find("both set pool.size") != std::string::npos);
}
