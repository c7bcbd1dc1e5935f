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
///
/// Attempts that are under way are no failures, or many right passwords at once would look like an attack;
/// but no more may be under way than could fail before the next one had to wait. Further ones wait for their
/// turn.
class Throttle {
 public:
  explicit Throttle(ThrottleLimits limits) : limits_(limits) {}

  /// How long until `key` may try again; zero: now.
  [[nodiscard]] std::chrono::seconds wait(const std::string& key, std::int64_t now) const;

  /// Whether one more attempt may be under way.
  [[nodiscard]] bool has_turn(const std::string& key) const;

  /// An attempt begins. Exactly one of the three below follows.
  void begin(const std::string& key, std::int64_t now);
  void failed(const std::string& key, std::int64_t now);
  /// Forgets the failures of `key`.
  void succeeded(const std::string& key);
  /// Says nothing about the key: what had failed before stays.
  void abandoned(const std::string& key);

  /// True once after each failure: so that refusals, which cost a stranger nothing, are noted once.
  [[nodiscard]] bool is_news(const std::string& key);

  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::string key;
    int failures = 0;
    int under_way = 0;
    std::int64_t last = 0;
    bool refusal_noted = false;
  };
  using Entries = std::list<Entry>;  // the one used last is in front

  [[nodiscard]] std::int64_t blocked_until(const Entry& entry) const;
  [[nodiscard]] Entry* find(const std::string& key);
  void make_room();
  void forget_if_clean(const std::string& key);

  ThrottleLimits limits_;
  Entries entries_;
  std::unordered_map<std::string_view, Entries::iterator> by_key_;  // the keys live in the entries
};

/// What one person's address is for a throttle: an IPv4 address, or the first 64 bits of an IPv6 one, because
/// whoever has one of those has all. A text that is no address stands for itself.
[[nodiscard]] std::string address_key(const std::string& address);

}  // namespace carrel::accounts
