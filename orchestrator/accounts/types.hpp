#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "orchestrator/accounts/limits.hpp"

namespace carrel::accounts {

enum class Role { viewer, admin };

struct User {
  std::string id;    ///< UUIDv7
  std::string name;  ///< normalised
  Role role = Role::viewer;
  bool disabled = false;
  std::int64_t created_at = 0;  ///< seconds since 1970
  LimitOverrides overrides{};
};

/// What is absent stays.
struct UserChange {
  std::optional<std::string> password{};
  std::optional<bool> disabled{};
  std::optional<Role> role{};
  LimitChanges limits{};
};

/// A browser's session. Times are seconds since 1970.
struct Session {
  std::string id;  ///< UUIDv7; not a secret, and of no use without the secret
  std::string user_id;
  std::string user_name;
  Role role = Role::viewer;
  std::int64_t created_at = 0;
  std::int64_t last_seen = 0;
  std::int64_t expires_at = 0;  ///< the absolute end, however much it is used
  std::string address{};        ///< from where the login came, without port
  Limits limits{};              ///< what its user may have now; changes while the session lives
};

struct Login {
  Session session;
  std::string secret;  ///< the cookie's value: 256 random bits as base64url; kept nowhere
};

/// ErrorKind::forbidden: the credentials are wrong, one message for every case. ErrorKind::busy: too many
/// failures or too many logins at once, or the user has as many sessions as may be; `retry_after` says when
/// to come again.
struct LoginError : Error {
  std::chrono::seconds retry_after{0};
  bool too_many_sessions = false;
};

using LoginResult = boost::system::result<Login, LoginError>;

enum class EndReason {
  logout,
  idle,
  expired,
  disabled,  ///< its user was disabled, deleted, or given another password or role
  revoked,   ///< an administrator ended it
  replaced,  ///< a newer login took its place
};

}  // namespace carrel::accounts
