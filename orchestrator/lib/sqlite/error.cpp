#include "orchestrator/lib/sqlite/error.hpp"

#include <sqlite3.h>

#include <cerrno>
#include <string>

namespace carrel::sqlite {
namespace {

constexpr std::size_t max_sql_in_message = 200;

ErrorKind kind_of(int code) {
  switch (code & 0xff) {  // the primary code; the rest says more about the same failure
    case SQLITE_CONSTRAINT: return ErrorKind::conflict;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return ErrorKind::busy;
    case SQLITE_FULL:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR: return ErrorKind::unavailable;
    case SQLITE_TOOBIG: return ErrorKind::invalid;
    default: return ErrorKind::internal;
  }
}

}  // namespace

Error describe(sqlite3* database, int code, std::string_view sql) {
  const bool primary_full = (code & 0xff) == SQLITE_FULL;
  const bool io_full =
      (code & 0xff) == SQLITE_IOERR && database != nullptr && sqlite3_system_errno(database) == ENOSPC;
  if (primary_full || io_full) {
    return make_error(ErrorKind::unavailable, "the disk under the database is full; make room on it");
  }
  std::string message = "database: ";
  message += database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(code);
  message += " (code " + std::to_string(code) + ")";
  if (!sql.empty()) {
    message += " in: ";
    message += sql.substr(0, max_sql_in_message);
  }
  return make_error(kind_of(code), std::move(message));
}

}  // namespace carrel::sqlite
