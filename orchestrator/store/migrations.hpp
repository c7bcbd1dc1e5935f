#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "orchestrator/lib/sqlite/connection.hpp"

namespace carrel::store {

/// The SQL that leads from version n to n + 1 at index n. Never edited once released: a change is one more
/// entry.
[[nodiscard]] std::span<const std::string> migrations();

/// Names of the tables that a database has after `steps`.
[[nodiscard]] std::vector<std::string> tables_after(std::span<const std::string> steps);

/// ErrorKind::conflict: the database is of a newer version than `steps` lead to. Blocks.
[[nodiscard]] Result<void> check_version(sqlite::Connection& connection, std::span<const std::string> steps);

/// Brings the database from its version (PRAGMA user_version) to `steps.size()`; each step and its number in
/// one transaction, so that a failure leaves the last good version. ErrorKind::conflict: the database is of a
/// newer version than this program knows; it is not touched. Blocks.
[[nodiscard]] Result<void> migrate(sqlite::Connection& connection, std::span<const std::string> steps);

}  // namespace carrel::store
