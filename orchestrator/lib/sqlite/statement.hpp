#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

struct sqlite3_stmt;

namespace carrel::sqlite {

/// A prepared statement. Made by Connection::prepare and must not outlive its connection; one thread at a
/// time. Parameters count from 1 and columns from 0, as in SQLite.
class Statement {
 public:
  /// What fails while binding (an index that does not exist, a text beyond SQLite's limit) is told by the
  /// next step().
  void bind(int parameter, std::int64_t value);
  void bind(int parameter, std::string_view value);  ///< copied; any bytes
  void bind(int parameter, std::nullopt_t);
  template <class T>
  void bind(int parameter, const std::optional<T>& value) {
    if (value) {
      bind(parameter, *value);
    } else {
      bind(parameter, std::nullopt);
    }
  }

  /// Runs on to the next row; false when there is none. ErrorKind::conflict: a constraint does not allow it.
  /// ErrorKind::busy: another process holds the database. The message holds the SQL, never the bound values.
  [[nodiscard]] Result<bool> step();

  /// Of the current row, valid after step() said true. NULL reads as 0, as an empty text, or as no value.
  [[nodiscard]] std::int64_t column_int(int column) const;
  [[nodiscard]] std::string column_text(int column) const;
  [[nodiscard]] std::optional<std::int64_t> column_optional_int(int column) const;

 private:
  friend class Connection;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  void note(int parameter, int code);

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  std::optional<Error> bind_error_;
};

}  // namespace carrel::sqlite
