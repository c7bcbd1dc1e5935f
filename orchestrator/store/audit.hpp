#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "orchestrator/lib/sqlite/connection.hpp"

/// The audit trail: who did what to what. Run inside Store::read or write.
namespace carrel::store {

struct Event {
  std::int64_t id = 0;  ///< given by the table; grows
  std::int64_t at = 0;  ///< seconds since 1970
  std::string actor;    ///< a user's name, an address, or "carreld"
  std::string action;   ///< "login", "login_failed", "logout", "user_added", …
  std::string object;   ///< what it was done to
  std::string detail;   ///< for people; no secrets
};

/// The newest of these are kept, and of what sandboxes come to by themselves (by "carreld", "sandbox_…"); a
/// few hundred more may be there.
inline constexpr std::int64_t max_events = 100'000;
inline constexpr std::int64_t max_sandbox_events = 50'000;

[[nodiscard]] Result<void> append_event(sqlite::Connection& db, const Event& event);

/// What is absent matches everything.
struct EventQuery {
  std::optional<std::int64_t> since{};   ///< seconds since 1970, itself included
  std::optional<std::int64_t> before{};  ///< an id, itself not included
  std::optional<std::string> actor{};
  std::optional<std::string> action{};
  std::optional<std::string> object{};
  std::int64_t limit = 100;
};
/// The newest first.
[[nodiscard]] Result<std::vector<Event>> find_events(sqlite::Connection& db, const EventQuery& query);

/// Of what people did the newest stay however old they are: a clock that is once far ahead must not cost the
/// trail.
inline constexpr std::int64_t kept_events = 1000;

/// Deletes what happened before `before`, seconds since 1970, but for these.
[[nodiscard]] Result<void> trim_events(sqlite::Connection& db, std::int64_t before);

}  // namespace carrel::store
