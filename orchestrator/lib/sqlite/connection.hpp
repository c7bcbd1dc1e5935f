#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "orchestrator/lib/sqlite/statement.hpp"

struct sqlite3;

namespace carrel::sqlite {

enum class Access {
  read_only,
  read_write,
  as_it_lies,  ///< read without a log, which must be empty or missing; nothing is put beside the file
};

/// One open database. Blocks, so not for I/O threads; one thread at a time.
class Connection {
 public:
  /// Opens the existing file `path` with write-ahead log, foreign keys on, synchronous NORMAL, and
  /// `busy_timeout` of patience with other processes.
  [[nodiscard]] static Result<Connection> open(
      const std::filesystem::path& path, Access access,
      std::chrono::milliseconds busy_timeout = std::chrono::seconds(5));

  /// Runs a script of statements without parameters; their rows are dropped.
  [[nodiscard]] Result<void> execute(const std::string& sql);

  /// One statement; a parse error is ErrorKind::internal.
  [[nodiscard]] Result<Statement> prepare(std::string_view sql);

  /// Rows that the last INSERT, UPDATE or DELETE touched.
  [[nodiscard]] std::int64_t changes() const;

  /// Prepares, binds `values` in order and runs to the end.
  template <class... Values>
  [[nodiscard]] Result<void> run(std::string_view sql, const Values&... values) {
    auto statement = prepare(sql);
    if (!statement) return statement.error();
    bind_all(*statement, values...);
    for (;;) {
      auto row = statement->step();
      if (!row) return row.error();
      if (!*row) return {};
    }
  }

  /// Prepares, binds `values` in order and returns `read(statement)` of every row.
  template <class Read, class... Values>
  [[nodiscard]] auto query(std::string_view sql, Read read, const Values&... values)
      -> Result<std::vector<decltype(read(std::declval<const Statement&>()))>> {
    std::vector<decltype(read(std::declval<const Statement&>()))> rows;
    auto statement = prepare(sql);
    if (!statement) return statement.error();
    bind_all(*statement, values...);
    for (;;) {
      auto row = statement->step();
      if (!row) return row.error();
      if (!*row) return rows;
      rows.push_back(read(std::as_const(*statement)));
    }
  }

  friend Result<void> copy_database(Connection& from, Connection& to, const std::function<bool()>& go_on);

 private:
  struct Close {
    void operator()(sqlite3* database) const noexcept;
  };
  explicit Connection(sqlite3* database) : database_(database) {}

  template <class... Values>
  static void bind_all(Statement& statement, const Values&... values) {
    int parameter = 0;
    (statement.bind(++parameter, values), ...);
  }

  std::unique_ptr<sqlite3, Close> database_;
};

}  // namespace carrel::sqlite
