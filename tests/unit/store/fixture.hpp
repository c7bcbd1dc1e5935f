#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

#include "orchestrator/lib/sqlite/connection.hpp"
#include "orchestrator/store/files.hpp"
#include "orchestrator/store/migrations.hpp"

namespace carrel::store::test {

/// An empty directory that goes with its owner.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "carrel-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    path_ = name;
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

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
