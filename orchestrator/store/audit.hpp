#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "orchestrator/lib/sqlite/connection.hpp"

/// The audit trail: who did what to what. Run inside Store::read or write.
namespace carrel::store {

struct Event {
  std::int64_t at = 0;  ///< seconds since 1970
  std::string actor;    ///< a user's name, an address, or "carreld"
  std::string action;   ///< "login", "login_failed", "logout", "user_added", …
  std::string object;   ///< what it was done to
  std::string detail;   ///< for people; no secrets
};

/// The newest of these are kept.
inline constexpr std::int64_t max_events = 100'000;

[[nodiscard]] Result<void> append_event(sqlite::Connection& db, const Event& event);
/// The newest first, at most `limit`.
[[nodiscard]] Result<std::vector<Event>> recent_events(sqlite::Connection& db, std::int64_t limit);

}  // namespace carrel::store
