#include "orchestrator/config/inputs.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>

#include "tests/support/temporary_directory.hpp"

using namespace carrel;
namespace fs = std::filesystem;

TEST_CASE("a file that is kept from a user is told from one that is not there") {
  const support::TemporaryDirectory folder;
  fs::permissions(folder.path(), fs::perms(0755));
  fs::create_directory(folder.path() / "kept");
  const fs::path kept = folder.write("kept/carrel.toml", "");
  const fs::path open = folder.write("carrel.toml", "");
  fs::permissions(open, fs::perms(0644));
  CHECK_FALSE(config::may_not_read(kept));
  fs::permissions(folder.path() / "kept", fs::perms(0000));
  // Root may read whatever the mode is.
  const bool root = ::geteuid() == 0;
  constexpr uid_t kNobody = 65534;
  if (root) REQUIRE(::seteuid(kNobody) == 0);
  CHECK(config::may_not_read(kept));
  CHECK_FALSE(config::may_not_read(open));
  CHECK_FALSE(config::may_not_read(folder.path() / "absent.toml"));
  if (root) REQUIRE(::seteuid(0) == 0);
  fs::permissions(folder.path() / "kept", fs::perms(0755));
}
