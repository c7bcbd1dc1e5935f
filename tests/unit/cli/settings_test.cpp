#include "orchestrator/cli/backups/settings.hpp"

#include <doctest/doctest.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "tests/support/temporary_directory.hpp"

using namespace carrel;
using carrel::cli::backups::settings_in;
using carrel::cli::backups::SettingsChange;
namespace fs = std::filesystem;

namespace {

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

std::size_t count_files(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

/// An old setting, and a backup of a new one.
struct OldAndNew {
  support::TemporaryDirectory root{};
  fs::path backup = root.path() / "backup", etc = root.path() / "etc";
  carrel::backup::Manifest manifest{};

  OldAndNew() {
    write(backup / "settings/0-carrel.toml", "new");
    write(etc / "carrel.toml", "old");
    manifest.parts = {{"settings/0-carrel.toml", etc / "carrel.toml", 3, "", 0640}};
  }
};

}  // namespace

TEST_CASE("settings that are not to stay are taken back, and so are those before one that cannot be put") {
  const support::TemporaryDirectory root;
  const fs::path backup = root.path() / "backup", etc = root.path() / "etc";
  write(backup / "settings/0-carrel.toml", "new");
  write(backup / "settings/1-tls.key", "key");
  write(etc / "carrel.toml", "old");
  backup::Manifest manifest;
  manifest.parts = {{"settings/0-carrel.toml", etc / "carrel.toml", 3, "", 0640},
                    {"settings/1-tls.key", etc / "tls.key", 3, "", 0600}};
  SUBCASE("taken back") {
    SettingsChange change;
    REQUIRE(change.put(manifest, backup, true).has_value());
    CHECK(text_of(etc / "carrel.toml") == "new");
    CHECK(text_of(etc / "tls.key") == "key");
  }
  SUBCASE("one cannot be put") {
    manifest.parts[1].origin = etc / "carrel.toml/tls.key";
    SettingsChange change;
    const auto put = change.put(manifest, backup, true);
    REQUIRE(put.has_error());
    CHECK(put.error().message.find("make " + manifest.parts[1].origin + " by hand") != std::string::npos);
    CHECK(text_of(etc / "carrel.toml") == "new");
  }
  SUBCASE("its folder is a link") {
    fs::create_directory_symlink(etc, root.path() / "current");
    manifest.parts[0].origin = root.path() / "current/carrel.toml";
    SettingsChange change;
    REQUIRE(change.put(manifest, backup, true).has_value());
    CHECK(text_of(etc / "carrel.toml") == "new");
  }
  CHECK(text_of(etc / "carrel.toml") == "old");
  CHECK(count_files(etc) == 1);
}

TEST_CASE("an old setting that cannot be put back stays aside") {
  const OldAndNew there;
  const fs::path& etc = there.etc;
  {
    SettingsChange change;
    REQUIRE(change.put(there.manifest, there.backup, true).has_value());
    fs::remove(etc / "carrel.toml");
    fs::create_directory(etc / "carrel.toml");
  }
  fs::remove(etc / "carrel.toml");
  REQUIRE(count_files(etc) == 1);
  CHECK(text_of(fs::directory_iterator(etc)->path()) == "old");
}

TEST_CASE("settings that stay leave the old ones beside them") {
  const OldAndNew there;
  const fs::path& etc = there.etc;
  {
    SettingsChange kept;
    REQUIRE(kept.put(there.manifest, there.backup, false).has_value());
    CHECK(kept.kept() == std::vector<std::string>{etc / "carrel.toml"});
    SettingsChange change;
    REQUIRE(change.put(there.manifest, there.backup, true).has_value());
    change.stay();
    CHECK(change.origins() == std::vector<std::string>{etc / "carrel.toml"});
  }
  CHECK(text_of(etc / "carrel.toml") == "new");
  CHECK(count_files(etc) == 2);
}

TEST_CASE("a link that lies where a setting is prepared is not written through") {
  const support::TemporaryDirectory root;
  const fs::path backup = root.path() / "backup", etc = root.path() / "etc", other = root.path() / "other";
  write(backup / "settings/0-carrel.toml", "new");
  write(etc / "carrel.toml", "old");
  write(other, "of somebody else");
  fs::permissions(other, fs::perms::owner_read | fs::perms::owner_write);
  const fs::path prepared = etc / "carrel.toml.restoring";
  SUBCASE("symbolic") {
    fs::create_symlink(other, prepared);
  }
  SUBCASE("hard") {
    fs::create_hard_link(other, prepared);
  }
  backup::Manifest manifest;
  manifest.parts = {{"settings/0-carrel.toml", etc / "carrel.toml", 3, "", 0640}};
  SettingsChange change;
  REQUIRE(change.put(manifest, backup, true).has_value());
  CHECK(text_of(etc / "carrel.toml") == "new");
  CHECK(fs::is_regular_file(fs::symlink_status(etc / "carrel.toml")));
  CHECK(fs::status(etc / "carrel.toml").permissions() == fs::perms{0640});
  CHECK(text_of(other) == "of somebody else");
  CHECK(fs::status(other).permissions() == fs::perms{0600});
}

TEST_CASE(
    "a link, and what somebody else renews, are kept even where settings go over those that are there") {
  const OldAndNew there;
  const fs::path setting = there.etc / "carrel.toml";
  std::string now = "old";
  std::set<fs::path> others;
  SUBCASE("a link") {
    fs::rename(setting, there.etc / "live.pem");
    fs::create_symlink("live.pem", setting);
  }
  SUBCASE("a link to nothing yet") {
    fs::remove(setting);
    fs::create_symlink("live.pem", setting);
    now.clear();
  }
  SUBCASE("a certificate") {
    others = {setting};
  }
  const auto before = fs::symlink_status(setting).type();
  SettingsChange change;
  REQUIRE(change.put(there.manifest, there.backup, true, others).has_value());
  change.stay();
  CHECK(change.kept() == std::vector<std::string>{setting});
  CHECK(change.origins().empty());
  CHECK(fs::symlink_status(setting).type() == before);
  CHECK(text_of(setting) == now);
}

TEST_CASE("a certificate that is gone is put back, by root for whom it belonged to") {
  OldAndNew there;
  const fs::path setting = there.etc / "carrel.toml";
  fs::remove(setting);
  const passwd* account = ::getpwnam("daemon");
  const bool root = ::geteuid() == 0 && account != nullptr;
  if (root) REQUIRE(::chown(there.etc.c_str(), 12345, 12346) == 0);
  there.manifest.parts[0].user = "daemon";
  there.manifest.parts[0].group = "no such group";
  SettingsChange change;
  REQUIRE(change.put(there.manifest, there.backup, false, {setting}).has_value());
  CHECK(text_of(setting) == "new");
  struct stat status {};
  REQUIRE(::stat(setting.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0640);
  CHECK(status.st_uid == (root ? account->pw_uid : ::geteuid()));
  if (root) CHECK(status.st_gid == 12346);
}

TEST_CASE("what a restore set aside is no setting, and too many are counted, with their folder") {
  const support::TemporaryDirectory root;
  const fs::path etc = root.path() / "etc";
  for (const char* name :
       {"carrel.toml", "carrel.toml.before-restore-20270115T080000Z", "tls.key.restoring", "folder/a"}) {
    write(etc / name, name);
  }
  CHECK(settings_in(etc).value() == std::vector<fs::path>{etc / "carrel.toml"});
  CHECK(settings_in(root.path() / "nothing").value().empty());
  for (int i = 0; i < 1000; ++i) write(etc / ("other" + std::to_string(i)), "");
  const auto refused = settings_in(etc);
  REQUIRE(refused.has_error());
  CHECK(refused.error().message.find("1001 files in " + etc.string()) != std::string::npos);
}
