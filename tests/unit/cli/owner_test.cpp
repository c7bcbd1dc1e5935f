#include "orchestrator/cli/backups/owner.hpp"

#include <doctest/doctest.h>
#include <pwd.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/support/temporary_directory.hpp"

using namespace carrel;
using namespace carrel::cli::backups;
namespace fs = std::filesystem;

TEST_CASE("missing data are made by root for the daemon's user, and what is there is left alone") {
  const support::TemporaryDirectory root;
  config::Config config;
  config.data.dir = root.path() / "disk/data";
  REQUIRE(make_data(config, "no such user").has_value());
  CHECK(fs::is_empty(root.path()));
  REQUIRE(make_data(config, "daemon").has_value());
  const passwd* account = ::getpwnam("daemon");
  if (::geteuid() != 0 || account == nullptr) {
    CHECK(fs::is_empty(root.path()));
    return;
  }
  CHECK(owner_of_data(config).user == account->pw_uid);
  CHECK(owner_of_data(config).group == account->pw_gid);
  CHECK(fs::status(config.data.dir).permissions() == fs::perms::owner_all);
  REQUIRE(::chown(config.data.dir.c_str(), 12345, 12345) == 0);
  REQUIRE(make_data(config, "daemon").has_value());
  CHECK(owner_of_data(config).user == 12345);
}
