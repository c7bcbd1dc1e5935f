#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/unix_time.hpp"
#include "orchestrator/store/store.hpp"

namespace carrel::accounts {

struct AdminToken {
  std::string name;
  std::string created_by;
  std::int64_t created_at = 0;  ///< seconds since 1970, as is the next
  std::int64_t expires_at = 0;
};

/// What lets programs on other machines administer, without a login: secrets of 256 bits, of which only a
/// hash is kept. In memory, written through to the store. All members on the I/O thread; the store must
/// outlive it, and it the coroutines of its members.
class AdminTokens {
 public:
  static constexpr std::size_t max_tokens = 64;
  static constexpr std::chrono::seconds shortest{60};
  static constexpr std::chrono::seconds longest{std::chrono::hours(24 * 365)};

  [[nodiscard]] static boost::asio::awaitable<Result<std::unique_ptr<AdminTokens>>> open(
      store::Store& store, std::function<std::int64_t()> now = unix_now);

  AdminTokens(const AdminTokens&) = delete;
  AdminTokens& operator=(const AdminTokens&) = delete;

  /// Makes a token and returns its secret, which nobody can ask for again. ErrorKind::invalid: the name (as
  /// normalise_name has it) or the lifetime is not allowed. ErrorKind::conflict: the name is taken, or there
  /// are max_tokens. Expired tokens do not count. `actor` is who asked, for the audit trail.
  [[nodiscard]] boost::asio::awaitable<Result<std::string>> add(std::string name,
                                                                std::chrono::seconds lifetime,
                                                                std::string actor);

  /// It is of no use from the moment of the call; should the store fail, it is back. ErrorKind::not_found:
  /// there is none of that name.
  [[nodiscard]] boost::asio::awaitable<Result<void>> revoke(std::string name, std::string actor);

  /// The name of the token of this secret, if it has not expired. The time it takes tells nothing of the
  /// others.
  [[nodiscard]] std::optional<std::string> verify(std::string_view secret) const;

  /// Those that have not expired, by name.
  [[nodiscard]] std::vector<AdminToken> all() const;

 private:
  struct Entry {
    AdminToken token;
    std::string secret_hash;
    bool usable = true;  ///< false while it is being written or revoked
  };

  AdminTokens(store::Store& store, std::function<std::int64_t()> now) : store_(store), now_(std::move(now)) {}

  store::Store& store_;
  std::function<std::int64_t()> now_;
  std::map<std::string, Entry> tokens_;  ///< by name
};

}  // namespace carrel::accounts
