#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "orchestrator/accounts/types.hpp"

namespace carrel::accounts {

/// The live sessions, by id and by secret. Plain memory: no clock, no store, one thread. A session that is
/// not alive at `now` (idle for too long, or past its end) is not found, even before it is taken out.
class SessionTable {
 public:
  struct Bounds {
    std::chrono::seconds idle;
    std::size_t total;  ///< sessions at once
  };
  explicit SessionTable(Bounds bounds) : bounds_(bounds) {}

  /// Counts a session that is about to be added, so that many logins at once cannot pass a bound together;
  /// ended by add() or release().
  void reserve(const std::string& id, const std::string& user_id) { arriving_.emplace(id, user_id); }
  void release(const std::string& id) { arriving_.erase(id); }

  [[nodiscard]] bool is_full() const { return sessions_.size() + arriving_.size() >= bounds_.total; }
  /// Those of one user, with those about to be added and without those that are ending.
  [[nodiscard]] std::size_t count_of(std::string_view user_id) const;
  /// That of a user which was used longest ago, without those that are ending.
  [[nodiscard]] const Session* least_used_of(std::string_view user_id) const;
  /// The ids of a user's sessions, without those that are ending.
  [[nodiscard]] std::vector<std::string> ids_of(std::string_view user_id) const;
  [[nodiscard]] bool contains(const std::string& id) const {
    return sessions_.contains(id) || arriving_.contains(id);
  }
  /// Gives a user's sessions other limits.
  void set_limits(std::string_view user_id, const Limits& limits);

  /// `id` and `secret_hash` must be new. `secret_hash` is sodium::hash_secret of the cookie's value.
  void add(Session session, std::string secret_hash);

  [[nodiscard]] bool is_alive(const Session& session, std::int64_t now) const;
  [[nodiscard]] const Session* find(const std::string& id, std::int64_t now) const;
  [[nodiscard]] const Session* find_by_secret_hash(const std::string& secret_hash, std::int64_t now) const;
  /// Notes that it was used at `now`, if it is alive.
  void touch(const std::string& id, std::int64_t now);

  /// Hides a session whose end is being written, or shows it again when that failed.
  void set_ending(const std::string& id, bool ending);
  std::optional<Session> remove(const std::string& id);
  /// Takes out those that are not alive.
  [[nodiscard]] std::vector<std::pair<Session, EndReason>> remove_dead(std::int64_t now);

  /// Those whose use was last returned here (or added) at least `after` seconds before it happened: to be
  /// written.
  [[nodiscard]] std::vector<std::pair<std::string, std::int64_t>> take_unwritten(std::chrono::seconds after);

  /// Every one that is not ending.
  [[nodiscard]] std::vector<Session> all() const;

 private:
  struct Entry {
    Session session;
    std::string secret_hash;
    std::int64_t written_seen;
    bool ending = false;
  };

  Bounds bounds_;
  std::unordered_map<std::string, Entry> sessions_;
  std::unordered_map<std::string, std::string> arriving_;  ///< the user's id by the session's
  // By the first half of the hash: finding takes a time that depends on it, comparing the rest does not.
  std::unordered_map<std::string, std::string> id_by_lookup_;
};

}  // namespace carrel::accounts
