#include "orchestrator/lib/sqlite/copy.hpp"

#include <sqlite3.h>

#include <memory>

#include "orchestrator/lib/sqlite/error.hpp"

namespace carrel::sqlite {
namespace {

constexpr int pages_a_step = 1024;

struct Finish {
  void operator()(sqlite3_backup* backup) const noexcept { sqlite3_backup_finish(backup); }
};

Result<void> copy_pages(sqlite3* from, sqlite3* to, const std::function<bool()>& go_on) {
  const std::unique_ptr<sqlite3_backup, Finish> backup(sqlite3_backup_init(to, "main", from, "main"));
  if (!backup) return describe(to, sqlite3_errcode(to), {});
  for (;;) {
    const int code = sqlite3_backup_step(backup.get(), pages_a_step);
    if (code == SQLITE_DONE) return {};
    // Nobody else knows the copy, and a reader of the original needs no lock that others hold for long.
    if (code != SQLITE_OK && code != SQLITE_BUSY && code != SQLITE_LOCKED) return describe(to, code, {});
    if (!go_on()) return make_error(ErrorKind::timeout, "copying the database took too long");
  }
}

}  // namespace

Result<void> copy_database(Connection& from, Connection& to, const std::function<bool()>& go_on) {
  // One snapshot for all steps: without it, each write of others would begin the copy anew.
  auto begun = from.execute("BEGIN; SELECT count(*) FROM sqlite_master");
  if (!begun) return begun;
  auto copied = copy_pages(from.database_.get(), to.database_.get(), go_on);
  auto ended = from.execute("COMMIT");
  if (!copied) return copied;
  if (!ended) return ended;
  return to.execute("PRAGMA journal_mode=DELETE");
}

Result<void> check_integrity(Connection& database) {
  auto found =
      database.query("PRAGMA integrity_check(1)", [](const Statement& row) { return row.column_text(0); });
  if (!found) {
    auto error = found.error();
    error.kind = ErrorKind::invalid;
    return error;
  }
  if (found->size() == 1 && found->front() == "ok") return {};
  return make_error(ErrorKind::invalid,
                    "the database is damaged: " + (found->empty() ? "no answer" : found->front()));
}

}  // namespace carrel::sqlite
