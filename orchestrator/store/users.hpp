#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "orchestrator/lib/sqlite/connection.hpp"

/// The table of users. Run inside Store::read or write.
namespace carrel::store {

struct UserRow {
  std::string id;
  std::string name;  ///< as normalised by accounts
  std::string password_hash;
  std::string role;  ///< "viewer" or "admin"
  bool disabled = false;
  std::int64_t created_at = 0;  ///< seconds since 1970
};

/// ErrorKind::conflict: the name or the id is taken.
[[nodiscard]] Result<void> insert_user(sqlite::Connection& db, const UserRow& user);
[[nodiscard]] Result<std::optional<UserRow>> find_user(sqlite::Connection& db, std::string_view name);
[[nodiscard]] Result<bool> has_admin(sqlite::Connection& db);

}  // namespace carrel::store
