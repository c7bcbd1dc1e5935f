#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/unix_time.hpp"
#include "orchestrator/accounts/session_table.hpp"
#include "orchestrator/accounts/throttle.hpp"
#include "orchestrator/accounts/types.hpp"
#include "orchestrator/lib/asio/bell.hpp"
#include "orchestrator/lib/asio/work_pool.hpp"
#include "orchestrator/lib/sodium/password.hpp"
#include "orchestrator/store/audit.hpp"
#include "orchestrator/store/store.hpp"
#include "orchestrator/store/users.hpp"

namespace carrel::accounts {

struct Options {
  std::chrono::seconds idle{std::chrono::hours(12)};
  std::chrono::seconds absolute{std::chrono::hours(24 * 14)};
  std::function<std::int64_t()> now = unix_now;
  /// Told of failures that no caller waits for; on the I/O thread.
  std::function<void(const Error&)> on_error = [](const Error&) {};
  sodium::HashCost hash_cost;
  /// Runs on a hashing thread; any number of those at once.
  std::function<bool(const std::string& hash, const std::string& password)> verify = sodium::verify_password;
  std::size_t hash_threads = 2;  ///< hashes at once, 64 MiB each
  std::size_t hash_queue = 64;   ///< that wait, and logins that wait for others of the same user or address
  std::size_t max_sessions = 4096;
  /// A login beyond Limits::sessions: true: takes the place of the session used longest ago; false: is
  /// refused.
  bool replace_oldest = false;
  Limits viewer_limits{};
  Limits admin_limits{};
  ThrottleLimits per_account{};
  ThrottleLimits per_address{.free_failures = 20, .longest = std::chrono::seconds(300)};
};

/// Users and their browser sessions. All members on the I/O thread. Sessions are kept in memory and written
/// through to the store. The store must outlive it; it must outlive the coroutines of its members, and be
/// destroyed before the io_context.
class Accounts {
 public:
  /// Loads the sessions that are still alive.
  [[nodiscard]] static boost::asio::awaitable<Result<std::unique_ptr<Accounts>>> open(store::Store& store,
                                                                                      Options options);

  Accounts(const Accounts&) = delete;
  Accounts& operator=(const Accounts&) = delete;

  /// `address` is the client's, without port. `session_id` is a new UUIDv7 of the caller (ErrorKind::invalid
  /// or conflict otherwise). An unknown user takes as long as a wrong password. Both outcomes go to the audit
  /// trail.
  [[nodiscard]] boost::asio::awaitable<LoginResult> log_in(std::string username, std::string password,
                                                           std::string address, std::string session_id);

  /// The session of a cookie, which counts as used now. ErrorKind::not_found: none is alive for it.
  [[nodiscard]] Result<Session> by_secret(std::string_view secret);
  /// ErrorKind::not_found: none of this id is alive.
  [[nodiscard]] Result<Session> by_id(std::string_view session_id) const;
  /// The session counts as used now, if it is alive: an answer is still being read.
  void touch(std::string_view session_id);

  /// The session is gone from the moment of the call, whatever the store says: when its row cannot be deleted
  /// (the disk is full), expire() tries again. ErrorKind::not_found: no such session.
  [[nodiscard]] boost::asio::awaitable<Result<void>> log_out(std::string session_id);

  /// As log_out(), but says when the row could not be deleted yet: until then a restart of the daemon would
  /// bring the session back. `actor` is who asked.
  [[nodiscard]] boost::asio::awaitable<Result<void>> revoke(std::string session_id, std::string actor);

  /// ErrorKind::invalid: a name or a password that is not allowed. ErrorKind::conflict: the name is taken.
  /// `actor` is who asked, for the audit trail.
  [[nodiscard]] boost::asio::awaitable<Result<User>> add_user(std::string name, std::string password,
                                                              Role role, std::string actor = "carreld",
                                                              LimitOverrides overrides = kNoOverrides);

  /// Every user by name, disabled ones too.
  [[nodiscard]] boost::asio::awaitable<Result<std::vector<User>>> users();
  /// ErrorKind::not_found: there is none of this name.
  [[nodiscard]] boost::asio::awaitable<Result<User>> user(std::string name);

  /// A new password, another role and disabling end the user's sessions. What is as it was changes nothing.
  /// ErrorKind::not_found, ErrorKind::invalid (the password, a limit), or ErrorKind::conflict: no
  /// administrator would be left.
  [[nodiscard]] boost::asio::awaitable<Result<User>> change_user(std::string name, UserChange change,
                                                                 std::string actor);
  /// Ends the user's sessions. ErrorKind::not_found, or ErrorKind::conflict as above.
  [[nodiscard]] boost::asio::awaitable<Result<void>> remove_user(std::string name, std::string actor);

  /// What a user may have, by role and overrides.
  [[nodiscard]] Limits effective_limits(const User& user) const {
    return with_overrides(limits_of(user.role), user.overrides);
  }
  [[nodiscard]] std::size_t session_count(std::string_view user_id) const { return table_.count_of(user_id); }

  /// Makes an administrator when there is none; true if made. `password` is checked only then.
  [[nodiscard]] boost::asio::awaitable<Result<bool>> ensure_first_admin(std::string name,
                                                                        std::string password);

  [[nodiscard]] std::vector<Session> sessions() const { return table_.all(); }

  /// Called on the I/O thread after a session ended, however it did.
  void on_end(std::function<void(const Session&, EndReason)> listener) {
    listeners_.push_back(std::move(listener));
  }

  /// Called on the I/O thread with the id of a user whose limits changed, after the sessions have them:
  /// sessions() and by_id() say what holds now.
  void on_limits_changed(std::function<void(const std::string& user_id)> listener) {
    limits_listeners_.push_back(std::move(listener));
  }

  /// Ends the sessions that are idle or expired at `now`, writes down the use of the others, at most once a
  /// minute each, and deletes the rows of ended ones that could not be deleted before. For a timer of the
  /// daemon.
  void expire(std::int64_t now);

 private:
  Accounts(store::Store& store, Options options, boost::asio::any_io_executor executor);

  /// A session that is over in memory, and what is left to be written.
  struct Ended {
    std::string id;
    std::optional<store::Event> event;
  };
  struct Upkeep;

  /// Waits until the attempt may begin, and begins it; or says why it may not.
  boost::asio::awaitable<std::optional<LoginError>> take_turn(std::string account, std::string source);
  boost::asio::awaitable<void> note_throttled(std::string account, std::string address);
  boost::asio::awaitable<LoginError> reject(std::string known_name, std::string address);
  boost::asio::awaitable<LoginResult> open_session(store::UserRow user, std::string address,
                                                   std::string session_id);
  void end_attempt(const std::string& account, const std::string& source,
                   void (Throttle::*how)(const std::string&));
  boost::asio::awaitable<Result<void>> end_one(std::string session_id, EndReason reason, store::Event event);
  void end_all_of(const std::string& user_id, EndReason reason);
  static Result<void> write_upkeep(sqlite::Connection& db, const Upkeep& upkeep);
  static boost::asio::awaitable<void> keep_up(store::Store& store, Upkeep upkeep,
                                              std::function<void(const Error&)> on_error);
  void end(const Session& session, EndReason reason);
  [[nodiscard]] const Limits& limits_of(Role role) const {
    return role == Role::admin ? options_.admin_limits : options_.viewer_limits;
  }

  store::Store& store_;
  Options options_;
  boost::asio::any_io_executor executor_;
  std::string dummy_hash_;  ///< of a password that nobody knows
  SessionTable table_;
  Throttle accounts_throttle_;
  Throttle address_throttle_;
  Bell attempt_ended_;
  std::shared_ptr<std::vector<Ended>> unwritten_ = std::make_shared<std::vector<Ended>>();
  std::vector<std::function<void(const Session&, EndReason)>> listeners_;
  std::vector<std::function<void(const std::string&)>> limits_listeners_;
  WorkPool hashing_;
};

}  // namespace carrel::accounts
