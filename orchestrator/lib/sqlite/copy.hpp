#pragma once

#include <functional>

#include "base/error.hpp"
#include "orchestrator/lib/sqlite/connection.hpp"

namespace carrel::sqlite {

/// Copies all of `from` over `to` (sqlite3_backup), as it is at one moment: others may read and write
/// meanwhile, and what they write is not in it. `to` is one file without a write-ahead log afterwards. Asks
/// `go_on` between steps of 4 MiB; ErrorKind::timeout when it says no. Blocks.
[[nodiscard]] Result<void> copy_database(Connection& from, Connection& to,
                                         const std::function<bool()>& go_on);

/// ErrorKind::invalid: the database is damaged, with what SQLite found first. Reads all of it. Blocks.
[[nodiscard]] Result<void> check_integrity(Connection& database);

}  // namespace carrel::sqlite
