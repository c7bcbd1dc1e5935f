#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "orchestrator/lib/sqlite/connection.hpp"

/// The journal of sandboxes: what was about to be done, written before the engine is asked to do it. Run
/// inside Store::read or write. All times are seconds since 1970. Every update of an id that is not there is
/// ErrorKind::not_found.
namespace carrel::store {

struct SandboxRow {
  std::string id;
  std::optional<std::string> session_id{};  ///< none while it waits in the pool, and for workers
  std::optional<std::string> user_id{};
  std::string container_id{};  ///< empty until the engine named it
  std::string role;            ///< as in the label carrel.role
  std::string state;           ///< as the life cycle of sandboxes names it; "removed" is the last
  std::string reason{};
  std::int64_t generation = 0;
  std::int64_t created_at = 0;
  std::int64_t updated_at = 0;
};

/// ErrorKind::conflict: the id is taken.
[[nodiscard]] Result<void> insert_sandbox(sqlite::Connection& db, const SandboxRow& sandbox);
/// An empty `reason` keeps the one that is there.
[[nodiscard]] Result<void> set_sandbox_state(sqlite::Connection& db, std::string_view id,
                                             std::string_view state, std::string_view reason,
                                             std::int64_t now);
[[nodiscard]] Result<void> set_sandbox_container(sqlite::Connection& db, std::string_view id,
                                                 std::string_view container_id, std::int64_t now);
/// Gives one of the pool to a session.
[[nodiscard]] Result<void> assign_sandbox(sqlite::Connection& db, std::string_view id,
                                          std::string_view session_id, std::string_view user_id,
                                          std::int64_t now);
/// Every one whose state is not "removed", oldest first.
[[nodiscard]] Result<std::vector<SandboxRow>> load_sandboxes(sqlite::Connection& db);
/// None: the journal does not know it, or not any more.
[[nodiscard]] Result<std::optional<SandboxRow>> find_sandbox(sqlite::Connection& db, std::string_view id);
/// Deletes the row; an absent one is success.
[[nodiscard]] Result<void> forget_sandbox(sqlite::Connection& db, std::string_view id);
/// Deletes the removed ones that were last changed before `before`.
[[nodiscard]] Result<void> forget_removed_sandboxes(sqlite::Connection& db, std::int64_t before);

}  // namespace carrel::store
