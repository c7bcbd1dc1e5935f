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
#include "orchestrator/lib/asio/work_pool.hpp"
#include "orchestrator/lib/sodium/password.hpp"
#include "orchestrator/store/store.hpp"

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
  std::size_t hash_queue = 64;   ///< that wait; further ones are refused
  std::size_t max_sessions = 4096;
  std::size_t max_sessions_per_user = 256;
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

  /// The session is gone from the moment of the call; should the store fail, it is back and the error is
  /// returned. ErrorKind::not_found: no such session.
  [[nodiscard]] boost::asio::awaitable<Result<void>> log_out(std::string session_id);

  /// ErrorKind::invalid: a name or a password that is not allowed. ErrorKind::conflict: the name is taken.
  /// `actor` is who asked, for the audit trail.
  [[nodiscard]] boost::asio::awaitable<Result<User>> add_user(std::string name, std::string password,
                                                              Role role, std::string actor = "carreld");

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

  /// Ends the sessions that are idle or expired at `now`, and writes down the use of the others, at most once
  /// a minute each. For a timer of the daemon.
  void expire(std::int64_t now);

 private:
  Accounts(store::Store& store, Options options, boost::asio::any_io_executor executor);

  [[nodiscard]] LoginError refused(std::chrono::seconds retry_after, std::string message) const;
  boost::asio::awaitable<LoginError> reject(std::string known_name, std::string address);
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
  std::vector<std::function<void(const Session&, EndReason)>> listeners_;
  std::vector<std::function<void(const std::string&)>> limits_listeners_;
  WorkPool hashing_;
};

}  // namespace carrel::accounts
