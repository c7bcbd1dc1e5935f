#pragma once

#include <string>

#include "orchestrator/accounts/types.hpp"
#include "orchestrator/store/users.hpp"

namespace carrel::accounts {

/// What a change makes of a user.
struct Changed {
  store::UserRow row;
  std::string what;  ///< for the audit trail; empty: everything is as it was
  bool ends_sessions = false;
  bool limits_differ = false;
};

/// `new_hash` is that of change.password, where there is one. Does not judge the limits.
[[nodiscard]] Changed apply(store::UserRow row, const UserChange& change, const std::string& new_hash);

}  // namespace carrel::accounts
