#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "orchestrator/lib/sqlite/connection.hpp"

/// The table of users. Run inside Store::read or write.
namespace carrel::store {

/// What differs from the role's limits; none: as the role has it.
struct LimitColumns {
  std::optional<std::int64_t> sessions{};
  std::optional<std::int64_t> streams{};
  std::optional<std::int64_t> memory{};     ///< bytes
  std::optional<std::int64_t> millicpus{};  ///< thousandths of a CPU
  std::optional<std::int64_t> bandwidth{};  ///< bytes a second; 0: no bound

  friend bool operator==(const LimitColumns&, const LimitColumns&) = default;
};

struct UserRow {
  std::string id;
  std::string name;  ///< as normalised by accounts
  std::string password_hash;
  std::string role;  ///< "viewer" or "admin"
  bool disabled = false;
  std::int64_t created_at = 0;  ///< seconds since 1970
  LimitColumns limits{};
};

/// ErrorKind::conflict: the name or the id is taken.
[[nodiscard]] Result<void> insert_user(sqlite::Connection& db, const UserRow& user);
[[nodiscard]] Result<std::optional<UserRow>> find_user(sqlite::Connection& db, std::string_view name);
/// By name.
[[nodiscard]] Result<std::vector<UserRow>> load_users(sqlite::Connection& db);
/// Sets everything but the name and the time of the one with this id; an absent one is success.
[[nodiscard]] Result<void> update_user(sqlite::Connection& db, const UserRow& user);
/// And the user's sessions.
[[nodiscard]] Result<void> delete_user(sqlite::Connection& db, std::string_view id);
[[nodiscard]] Result<bool> has_admin(sqlite::Connection& db);
[[nodiscard]] Result<bool> has_enabled_admin(sqlite::Connection& db);

}  // namespace carrel::store
