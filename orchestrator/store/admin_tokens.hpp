#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "orchestrator/lib/sqlite/connection.hpp"

/// The table of administrators' API tokens. Run inside Store::read or write.
namespace carrel::store {

struct AdminTokenRow {
  std::string name;
  std::string secret_hash;      ///< sodium::hash_secret of the token
  std::string created_by;       ///< the actor, as in the audit trail
  std::int64_t created_at = 0;  ///< seconds since 1970, as is the next
  std::int64_t expires_at = 0;
};

[[nodiscard]] Result<std::vector<AdminTokenRow>> load_admin_tokens(sqlite::Connection& db);
/// ErrorKind::conflict: the name is taken.
[[nodiscard]] Result<void> insert_admin_token(sqlite::Connection& db, const AdminTokenRow& token);
/// Harmless when there is none of that name.
[[nodiscard]] Result<void> delete_admin_token(sqlite::Connection& db, std::string_view name);

}  // namespace carrel::store
