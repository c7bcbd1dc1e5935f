#include "orchestrator/config/reference.hpp"

#include <doctest/doctest.h>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "orchestrator/config/keys.hpp"
#include "orchestrator/config/load.hpp"
#include "temporary_file.hpp"

using namespace carrel::config;

TEST_CASE("the printed configuration reads back to the same") {
  Config config;
  config.http.listen = "[::1]:0";
  config.library.paths = {"/a \"quoted\" dir", "/back\\slash"};
  config.sandbox.cpus = 1.25;
  config.session.idle = std::chrono::seconds(90);
  const test::TemporaryFile file("carrel.toml", to_toml(config));
  LoadInputs inputs;
  inputs.toml = file.path();
  const auto read = load(inputs);
  REQUIRE(read.has_value());
  CHECK(to_toml(*read) == to_toml(config));
  CHECK(to_toml(*read) != to_toml(Config{}));
}

TEST_CASE("the printed configuration holds no secret") {
  Config config;
  config.admin.password = "correct horse";
  CHECK(to_toml(config).find("correct horse") == std::string::npos);
}

TEST_CASE("every key is named once, has a meaning, and accepts its own default") {
  std::set<std::string> variables;
  for (const auto& key : keys()) {
    CAPTURE(key.name);
    CHECK(variables.insert(variable_of(key)).second);
    CHECK_FALSE(key.meaning.empty());
    CHECK_FALSE(key.form.empty());
  }
  const test::TemporaryFile file("carrel.toml", to_toml(Config{}));
  LoadInputs inputs;
  inputs.toml = file.path();
  CHECK(load(inputs).has_value());
}

TEST_CASE("docs/configuration.md is made from the table; CARREL_TEST_WRITE_DOCS=1 makes it anew") {
  const std::string path = CARREL_DOCS_DIRECTORY "/configuration.md";
  if (std::getenv("CARREL_TEST_WRITE_DOCS") != nullptr) std::ofstream(path) << to_markdown();
  std::ifstream file(path);
  std::ostringstream content;
  content << file.rdbuf();
  CHECK(content.str() == to_markdown());
}
