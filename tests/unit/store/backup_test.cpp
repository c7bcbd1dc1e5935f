#include "orchestrator/store/backup.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>

#include "fixture.hpp"
#include "orchestrator/store/restore.hpp"
#include "orchestrator/store/sessions.hpp"
#include "orchestrator/store/users.hpp"

using namespace carrel;
using namespace carrel::store;

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t now = 1'800'000'000;
constexpr std::chrono::seconds patience{60};

/// A data directory with a database that one connection keeps open.
class Data {
 public:
  Data() : connection_(open()) {
    migrate(*connection_, migrations()).value();
    insert_user(*connection_, {.id = "u1", .name = "anna", .password_hash = "h", .role = "admin"}).value();
    insert_session(*connection_, {.id = "s1", .user_id = "u1", .secret_hash = "x"}).value();
  }
  [[nodiscard]] sqlite::Connection& db() { return *connection_; }
  /// As the end of the daemon does.
  void close() { connection_.reset(); }
  [[nodiscard]] fs::path path() const { return directory_.path(); }
  [[nodiscard]] fs::path file() const { return path() / "carrel.db"; }
  [[nodiscard]] fs::path backups() const { return path() / "backups"; }
  [[nodiscard]] sqlite::Connection open() const {
    prepare_file(file()).value();
    return sqlite::Connection::open(file(), sqlite::Access::read_write).value();
  }

 private:
  test::TemporaryDirectory directory_;
  std::optional<sqlite::Connection> connection_;
};

std::size_t files_in(const fs::path& directory) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory), fs::directory_iterator()));
}

}  // namespace

TEST_CASE("a backup is one private file with all that was committed") {
  Data data;
  data.db().execute("BEGIN IMMEDIATE; INSERT INTO settings VALUES ('uncommitted', 'x')").value();
  const auto made = make_backup(data.file(), data.backups(), now, patience).value();
  data.db().execute("ROLLBACK").value();
  CHECK(made.bytes == fs::file_size(made.path));
  CHECK(made.path.filename().string().starts_with("carrel-20270115T080000Z-"));
  struct stat status {};
  REQUIRE(::stat(made.path.c_str(), &status) == 0);
  CHECK((status.st_mode & ALLPERMS) == 0600);
  CHECK(files_in(data.backups()) == 1);
  auto copy = sqlite::Connection::open(made.path, sqlite::Access::read_only).value();
  CHECK(find_user(copy, "anna").value());
  CHECK(copy.query("SELECT 1 FROM settings", [](const sqlite::Statement&) { return 1; }).value().empty());
}

TEST_CASE("a backup that takes too long leaves nothing") {
  Data data;
  // More than one step of the copy.
  data.db()
      .execute(
          "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) "
          "INSERT INTO settings SELECT 'k' || i, hex(randomblob(2000)) FROM n")
      .value();
  const auto late = make_backup(data.file(), data.backups(), now, std::chrono::seconds(0));
  CHECK(late.error().kind == ErrorKind::timeout);
  CHECK(files_in(data.backups()) == 0);
}

TEST_CASE("the newest backups are kept, and other files are left alone") {
  Data data;
  CHECK(list_backups(data.backups(), now).value().empty());
  std::vector<BackupFile> made;
  for (int i = 0; i < 4; ++i) {
    made.push_back(make_backup(data.file(), data.backups(), now + i / 2, patience).value());
  }
  std::ofstream(data.backups() / "carrel-mine.db") << "kept";
  drop_old_backups(data.backups(), 2, made[3]).value();
  const auto left = list_backups(data.backups(), now + 1).value();
  REQUIRE(left.size() == 2);
  CHECK(left[0].path == made[3].path);
  CHECK(left[1].path == made[2].path);
  CHECK(fs::exists(data.backups() / "carrel-mine.db"));
}

TEST_CASE("a passing copy takes the place of no backup, and none takes its place") {
  Data data;
  const auto kept = make_backup(data.file(), data.backups(), now, patience).value();
  const auto passing = make_backup(data.file(), data.backups(), now + 1, patience, Stay::passing).value();
  CHECK(is_passing_name(passing.path.filename().string()));
  CHECK_FALSE(is_passing_name(kept.path.filename().string()));
  CHECK(list_backups(data.backups(), now + 1).value().size() == 1);
  drop_old_backups(data.backups(), 1, kept).value();
  CHECK(fs::exists(kept.path));
  CHECK(fs::exists(passing.path));
}

TEST_CASE("a clock that is wrong, or a file that was touched, takes no new backup away") {
  Data data;
  const auto make = [&](std::int64_t at) {
    const auto file = make_backup(data.file(), data.backups(), at, patience).value();
    drop_old_backups(data.backups(), 2, file).value();
    return file.path;
  };
  const auto old = make(now - 10);
  const auto ahead = make(now + 1'000'000);
  fs::last_write_time(old, fs::file_time_type::clock::now() + std::chrono::hours(1));
  const auto first = make(now);
  CHECK_FALSE(fs::exists(ahead));
  const auto second = make(now + 10);
  CHECK_FALSE(fs::exists(old));
  const auto left = list_backups(data.backups(), now + 10).value();
  REQUIRE(left.size() == 2);
  CHECK(left[0].path == second);
  CHECK(left[0].created_at == now + 10);
  CHECK(left[1].path == first);
  const auto behind = make(now - 1'000'000);
  CHECK(fs::exists(behind));
}

TEST_CASE("a clock that is set back a little takes neither the new backup away nor those of just before") {
  Data data;
  const auto make = [&](std::int64_t at) {
    return make_backup(data.file(), data.backups(), at, patience).value();
  };
  const auto old = make(now - 1000), before = make(now + 2), behind = make(now);
  const auto left = [&] { return list_backups(data.backups(), now).value(); };
  REQUIRE(left().size() == 3);
  CHECK(left()[0].path == before.path);
  drop_old_backups(data.backups(), 2, behind).value();
  CHECK_FALSE(fs::exists(old.path));
  CHECK(left().size() == 2);
  drop_old_backups(data.backups(), 1, behind).value();
  CHECK(fs::exists(behind.path));
}

TEST_CASE("a restored database has what the backup had, but nobody's session") {
  Data data;
  const auto made = make_backup(data.file(), data.backups(), now, patience).value();
  insert_user(data.db(), {.id = "u2", .name = "ben", .password_hash = "h", .role = "viewer"}).value();
  data.close();
  const auto aside = restore_database(made.path, data.path(), now).value();
  CHECK(aside.filename() == "carrel.db.before-restore-20270115T080000Z");
  auto restored = data.open();
  CHECK(find_user(restored, "anna").value());
  CHECK_FALSE(find_user(restored, "ben").value());
  CHECK(load_sessions(restored).value().empty());
  auto old = sqlite::Connection::open(aside, sqlite::Access::read_only).value();
  CHECK(find_user(old, "ben").value());
}

TEST_CASE("a restore where nothing was makes the database") {
  Data data;
  test::TemporaryDirectory empty;
  const auto made = make_backup(data.file(), data.backups(), now, patience).value();
  CHECK(restore_database(made.path, empty.path(), now).value().empty());
  auto restored = sqlite::Connection::open(empty.path() / "carrel.db", sqlite::Access::read_only).value();
  CHECK(find_user(restored, "anna").value());
  CHECK(files_in(empty.path()) == 1);
}

TEST_CASE("what cannot be restored leaves everything as it was") {
  Data data;
  std::ofstream(data.path() / "junk") << std::string(10000, 'x');
  CHECK(restore_database(data.path() / "junk", data.path(), now).has_error());
  CHECK(restore_database(data.path() / "nothing", data.path(), now).error().kind == ErrorKind::not_found);
  const auto made = make_backup(data.file(), data.backups(), now, patience).value();
  {
    auto newer = sqlite::Connection::open(made.path, sqlite::Access::read_write).value();
    newer.execute("PRAGMA user_version = 999").value();
  }
  CHECK(restore_database(made.path, data.path(), now).error().kind == ErrorKind::conflict);
  CHECK(find_user(data.db(), "anna").value());
  for (const auto& entry : fs::directory_iterator(data.path())) {
    CHECK(entry.path().string().find("restor") == std::string::npos);
  }
}

TEST_CASE("what was interrupted a day ago is swept, and nothing else") {
  const support::TemporaryDirectory folder;
  const std::string stem = "carrel-20270115T080000Z-0a1b2c3d";
  const auto today =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
          .count();
  const auto left = [&] {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(folder.path())) {
      found.push_back(entry.path().filename().string());
    }
    std::ranges::sort(found);
    return found;
  };
  for (const char* end : {".backup", ".db", ".backup.unfinished", ".db.unfinished", ".db.unfinished-wal",
                          ".passing", ".passing-shm", ".passing.unfinished"}) {
    (void)folder.write(stem + end, "");
  }
  (void)folder.write("mine.unfinished", "");
  sweep_left_overs(folder.path(), today + 86'000);
  CHECK(left().size() == 9);
  sweep_left_overs(folder.path(), today + 90'000);
  CHECK(left() == std::vector<std::string>{stem + ".backup", stem + ".db", "mine.unfinished"});
  sweep_left_overs(folder.path() / "nothing", today);
}
