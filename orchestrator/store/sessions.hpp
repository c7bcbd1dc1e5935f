#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "orchestrator/lib/sqlite/connection.hpp"
#include "orchestrator/store/users.hpp"

/// The table of browser sessions. Run inside Store::read or write. All times are seconds since 1970.
namespace carrel::store {

struct SessionRow {
  std::string id;
  std::string user_id;
  std::string secret_hash;  ///< of the cookie's value, which itself is kept nowhere
  std::int64_t created_at = 0;
  std::int64_t last_seen = 0;
  std::int64_t expires_at = 0;
  std::string address{};  ///< from where the login came
};

struct SessionOfUser {
  SessionRow session;
  std::string user_name;
  std::string role;
  LimitColumns limits{};
};

/// ErrorKind::conflict: the id is taken, or there is no such user.
[[nodiscard]] Result<void> insert_session(sqlite::Connection& db, const SessionRow& session);
/// Those of users who are not disabled.
[[nodiscard]] Result<std::vector<SessionOfUser>> load_sessions(sqlite::Connection& db);
[[nodiscard]] Result<void> set_session_seen(sqlite::Connection& db, std::string_view id,
                                            std::int64_t last_seen);
/// An absent one is success.
[[nodiscard]] Result<void> delete_session(sqlite::Connection& db, std::string_view id);
[[nodiscard]] Result<void> delete_sessions_of(sqlite::Connection& db, std::string_view user_id);

}  // namespace carrel::store
