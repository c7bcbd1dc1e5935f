#pragma once

#include <filesystem>

#include "orchestrator/lib/sqlite/connection.hpp"
#include "orchestrator/store/files.hpp"
#include "orchestrator/store/migrations.hpp"
#include "tests/support/temporary_directory.hpp"

namespace carrel::store::test {

using carrel::support::TemporaryDirectory;

/// A database without tables, and its connection.
class EmptyDatabase {
 public:
  EmptyDatabase() : file_(directory_.path() / "test.db"), connection_(open()) {}
  [[nodiscard]] sqlite::Connection& connection() { return connection_; }
  [[nodiscard]] sqlite::Connection open(sqlite::Access access = sqlite::Access::read_write) const {
    prepare_file(file_).value();
    return sqlite::Connection::open(file_, access, std::chrono::milliseconds(50)).value();
  }

 private:
  TemporaryDirectory directory_;
  std::filesystem::path file_;
  sqlite::Connection connection_;
};

/// A database with today's tables.
class MigratedDatabase : public EmptyDatabase {
 public:
  MigratedDatabase() { migrate(connection(), migrations()).value(); }
};

}  // namespace carrel::store::test
