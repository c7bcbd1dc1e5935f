#include "orchestrator/lib/sqlite/connection.hpp"

#include <sqlite3.h>

#include "base/escape.hpp"
#include "orchestrator/lib/sqlite/error.hpp"

namespace carrel::sqlite {

void Connection::Close::operator()(sqlite3* database) const noexcept {
  sqlite3_close_v2(database);
}

Result<Connection> Connection::open(const std::filesystem::path& path, Access access,
                                    std::chrono::milliseconds busy_timeout) {
  const int flags = (access == Access::read_write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) |
                    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_URI;
  // SQLite follows no link in the whole path under NOFOLLOW, so the directory is resolved first.
  std::error_code unresolved;
  const auto directory =
      std::filesystem::canonical(path.parent_path().empty() ? "." : path.parent_path(), unresolved);
  if (unresolved)
    return errno_error("open the database's directory " + path.parent_path().string(), unresolved.value());
  const std::string name = (directory / path.filename()).string();

  sqlite3* raw = nullptr;
  const std::string address =
      "file:" + percent_encoded(name) + (access == Access::as_it_lies ? "?immutable=1" : "");
  const int code = sqlite3_open_v2(address.c_str(), &raw, flags, nullptr);
  Connection connection(raw);
  if (code != SQLITE_OK) {
    auto error = describe(raw, code, {});
    error.message += ", opening " + name;
    return error;
  }
  sqlite3_extended_result_codes(raw, 1);
  sqlite3_busy_timeout(raw, static_cast<int>(busy_timeout.count()));
  sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  const char* settings = access == Access::read_write
                             ? "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"
                             : "PRAGMA query_only=ON;";
  auto set = connection.execute(settings);
  if (!set) {
    auto error = set.error();
    error.message += ", opening " + name;
    return error;
  }
  return connection;
}

Result<void> Connection::execute(const std::string& sql) {
  const int code = sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return describe(database_.get(), code, sql);
  return {};
}

Result<Statement> Connection::prepare(std::string_view sql) {
  sqlite3_stmt* raw = nullptr;
  const int code =
      sqlite3_prepare_v2(database_.get(), sql.data(), static_cast<int>(sql.size()), &raw, nullptr);
  if (code != SQLITE_OK) return describe(database_.get(), code, sql);
  return Statement(raw);
}

std::int64_t Connection::changes() const {
  return sqlite3_changes64(database_.get());
}

}  // namespace carrel::sqlite
