#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

namespace carrel::accounts {

/// Slows down who fails: after `free_failures` every further failure doubles the wait, from `first` to
/// `longest`; what did not fail for `forget` starts afresh. Times are seconds since 1970.
struct ThrottleLimits {
  int free_failures = 5;
  std::chrono::seconds first{1};
  std::chrono::seconds longest{60};
  std::chrono::seconds forget{900};
  std::size_t max_entries = 4096;
};

/// Failures by key, an account or an address. Bounded: the key that was used longest ago is forgotten for a
/// new one. One thread.
class Throttle {
 public:
  explicit Throttle(ThrottleLimits limits) : limits_(limits) {}

  /// How long until `key` may try again; zero: now.
  [[nodiscard]] std::chrono::seconds wait(const std::string& key, std::int64_t now) const;

  /// Counts an attempt as failed from its beginning, so that many at once are counted before any has ended.
  void attempt(const std::string& key, std::int64_t now);

  /// That attempt succeeded: takes it back, but keeps those that had failed before.
  void take_back(const std::string& key);

  /// Forgets every failure of `key`.
  void clear(const std::string& key);

  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::string key;
    int failures = 0;
    std::int64_t last = 0;
  };
  using Entries = std::list<Entry>;  // the one used last is in front

  [[nodiscard]] std::int64_t blocked_until(const Entry& entry) const;

  ThrottleLimits limits_;
  Entries entries_;
  std::unordered_map<std::string_view, Entries::iterator> by_key_;  // the keys live in the entries
};

/// What one person's address is for a throttle: an IPv4 address, or the first 64 bits of an IPv6 one, because
/// whoever has one of those has all. A text that is no address stands for itself.
[[nodiscard]] std::string address_key(const std::string& address);

}  // namespace carrel::accounts
