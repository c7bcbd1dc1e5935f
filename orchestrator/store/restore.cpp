#include "orchestrator/store/restore.hpp"

#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <string>

#include "base/unix_time.hpp"
#include "orchestrator/lib/sqlite/copy.hpp"
#include "orchestrator/lib/sqlite/transaction.hpp"
#include "orchestrator/store/audit.hpp"
#include "orchestrator/store/durable.hpp"
#include "orchestrator/store/files.hpp"
#include "orchestrator/store/migrations.hpp"

namespace carrel::store {

namespace fs = std::filesystem;

namespace {

Result<void> check_is_ours(sqlite::Connection& db, const fs::path& backup) {
  auto whole = sqlite::check_integrity(db);
  if (!whole) return whole;
  auto tables = db.query(
      "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ('users', 'sessions', 'events')",
      [](const sqlite::Statement& row) { return row.column_int(0); });
  if (!tables) return tables.error();
  if (tables->at(0) != 3) {
    return make_error(
        ErrorKind::invalid,
        backup.string() + " is a database, but not Carrel's; name a file from data.dir/backups");
  }
  return check_version(db, migrations());
}

/// The copy may be older than the table.
Result<void> empty_table(sqlite::Connection& db, const std::string& table) {
  auto there = db.query(
      "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?",
      [](const sqlite::Statement&) { return true; }, table);
  if (!there) return there.error();
  return there->empty() ? Result<void>() : db.execute("DELETE FROM " + table);
}

/// What may have been ended or revoked since the copy was made, and must not come back.
Result<void> leave_out_credentials(sqlite::Connection& db, const fs::path& backup, std::int64_t now) {
  auto transaction = sqlite::Transaction::begin(db);
  if (!transaction) return transaction.error();
  for (const char* table : {"sessions", "admin_tokens"}) {
    auto deleted = empty_table(db, table);
    if (!deleted) return deleted;
  }
  auto noted = append_event(db, {.at = now,
                                 .actor = "carreld",
                                 .action = "database_restored",
                                 .object = backup.filename().string(),
                                 .detail = {}});
  if (!noted) return noted;
  return transaction->commit();
}

Result<void> make_copy(const fs::path& backup, const fs::path& copy, std::int64_t now) {
  std::error_code failed;
  if (!fs::is_regular_file(backup, failed)) {
    return make_error(ErrorKind::not_found,
                      backup.string() + " is not a file; name one from data.dir/backups");
  }
  auto from = sqlite::Connection::open(backup, sqlite::Access::read_only);
  if (!from) return from.error();
  auto made = prepare_file(copy);
  if (!made) return made;
  auto to = sqlite::Connection::open(copy, sqlite::Access::read_write);
  if (!to) return to.error();
  auto copied = sqlite::copy_database(*from, *to, [] { return true; });
  if (!copied) {
    auto error = copied.error();
    error.message += " (" + backup.string() + ")";
    return error;
  }
  auto ours = check_is_ours(*to, backup);
  if (!ours) return ours;
  return leave_out_credentials(*to, backup, now);
}

void remove_with_logs(const fs::path& file) {
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) ::unlink((file.string() + suffix).c_str());
}

/// The old database under a second name, its write-ahead log gone: SQLite would apply that to the new one.
Result<void> set_aside(const fs::path& file, const fs::path& aside) {
  {
    auto old = sqlite::Connection::open(file, sqlite::Access::read_write);
    // A damaged one is set aside as it is.
    if (old) (void)old->execute("PRAGMA wal_checkpoint(TRUNCATE)");
  }
  for (const char* suffix : {"", "-wal"}) {
    const std::string name = file.string() + suffix;
    if (::link(name.c_str(), (aside.string() + suffix).c_str()) != 0 && errno != ENOENT) {
      return errno_error("set " + name + " aside", errno);
    }
  }
  for (const char* suffix : {"-wal", "-shm"}) {
    const std::string name = file.string() + suffix;
    if (::unlink(name.c_str()) != 0 && errno != ENOENT) return errno_error("remove " + name, errno);
  }
  return {};
}

}  // namespace

Result<fs::path> restore_database(const fs::path& backup, const fs::path& directory, std::int64_t now) {
  const fs::path file = directory / "carrel.db";
  const fs::path copy = directory / "carrel.db.restoring";
  remove_with_logs(copy);  // of one that was interrupted
  auto made = make_copy(backup, copy, now);
  if (!made) {
    remove_with_logs(copy);
    return made.error();
  }
  fs::path aside;
  std::error_code failed;
  if (fs::exists(file, failed)) {
    aside = directory / ("carrel.db.before-restore-" + time_stamp(now));
    auto kept = set_aside(file, aside);
    if (!kept) return kept.error();
  }
  auto moved = move_durably(copy, file);
  if (!moved) return moved.error();
  return aside;
}

}  // namespace carrel::store
