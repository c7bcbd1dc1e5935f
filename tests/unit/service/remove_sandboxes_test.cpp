#include <doctest/doctest.h>

#include <filesystem>

#include "orchestrator/daemon.hpp"
#include "tests/support/temporary_directory.hpp"

using namespace carrel;
namespace fs = std::filesystem;

TEST_CASE("who never ran has no sandboxes, asks no engine for them, and makes no data") {
  const support::TemporaryDirectory root;
  config::Config config;
  config.engine.socket = root.path() / "no-engine.sock";
  for (const fs::path& data : {root.path(), root.path() / "not made yet"}) {
    config.data.dir = data;
    const auto removed = remove_sandboxes(config);
    REQUIRE(removed.has_value());
    CHECK(*removed == 0);
    CHECK(fs::is_empty(root.path()));
  }
}

TEST_CASE("whose database is lost has sandboxes that nobody knows, and is told so") {
  const support::TemporaryDirectory root;
  root.write("data/backups/carrel-20270115T080000Z-0a1b2c3d.backup", "");
  config::Config config;
  config.data.dir = root.path() / "data";
  const auto removed = remove_sandboxes(config);
  REQUIRE(removed.has_error());
  CHECK(removed.error().message.find((config.data.dir / "carrel.db").string() + " is missing") !=
        std::string::npos);
  CHECK_FALSE(fs::exists(config.data.dir / "carrel.db"));
}
