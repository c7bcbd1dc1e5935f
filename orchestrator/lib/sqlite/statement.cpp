#include "orchestrator/lib/sqlite/statement.hpp"

#include <sqlite3.h>

#include "orchestrator/lib/sqlite/error.hpp"

namespace carrel::sqlite {

void Statement::Finalize::operator()(sqlite3_stmt* statement) const noexcept {
  sqlite3_finalize(statement);
}

void Statement::note(int parameter, int code) {
  if (code == SQLITE_OK || bind_error_) return;
  bind_error_ = describe(sqlite3_db_handle(statement_.get()), code, sqlite3_sql(statement_.get()));
  bind_error_->message += " (binding parameter " + std::to_string(parameter) + ")";
}

void Statement::bind(int parameter, std::int64_t value) {
  note(parameter, sqlite3_bind_int64(statement_.get(), parameter, value));
}

void Statement::bind(int parameter, std::string_view value) {
  // A null pointer would bind NULL where an empty text is meant.
  const char* data = value.data() != nullptr ? value.data() : "";
  note(parameter,
       sqlite3_bind_text64(statement_.get(), parameter, data, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

void Statement::bind(int parameter, std::nullopt_t) {
  note(parameter, sqlite3_bind_null(statement_.get(), parameter));
}

Result<bool> Statement::step() {
  if (bind_error_) return *bind_error_;
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return describe(sqlite3_db_handle(statement_.get()), code, sqlite3_sql(statement_.get()));
}

std::int64_t Statement::column_int(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string Statement::column_text(int column) const {
  const void* data =
      sqlite3_column_blob(statement_.get(), column);  // as stored: no conversion of odd file names
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return data != nullptr ? std::string(static_cast<const char*>(data), static_cast<std::size_t>(size))
                         : std::string();
}

std::optional<std::int64_t> Statement::column_optional_int(int column) const {
  if (sqlite3_column_type(statement_.get(), column) == SQLITE_NULL) return std::nullopt;
  return column_int(column);
}

}  // namespace carrel::sqlite
