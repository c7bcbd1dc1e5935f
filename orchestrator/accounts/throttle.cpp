#include "orchestrator/accounts/throttle.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>

namespace carrel::accounts {

std::int64_t Throttle::blocked_until(const Entry& entry) const {
  const int beyond = entry.failures - limits_.free_failures;
  if (beyond <= 0) return entry.last;
  constexpr int max_doublings = 30;
  const std::int64_t wait = limits_.first.count() << std::min(beyond - 1, max_doublings);
  return entry.last + std::min<std::int64_t>(wait, limits_.longest.count());
}

std::chrono::seconds Throttle::wait(const std::string& key, std::int64_t now) const {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return std::chrono::seconds(0);
  const std::int64_t left = blocked_until(*found->second) - now;
  // A clock that was set back must not lock anybody out for longer than the longest wait.
  return std::chrono::seconds(std::clamp<std::int64_t>(left, 0, limits_.longest.count()));
}

void Throttle::attempt(const std::string& key, std::int64_t now) {
  const auto found = by_key_.find(key);
  if (found != by_key_.end()) {
    entries_.splice(entries_.begin(), entries_, found->second);
  } else {
    if (entries_.size() >= limits_.max_entries) {
      by_key_.erase(entries_.back().key);
      entries_.pop_back();
    }
    entries_.push_front(Entry{key, 0, now});
    by_key_.emplace(entries_.front().key, entries_.begin());
  }
  Entry& entry = entries_.front();
  if (now - entry.last >= limits_.forget.count()) entry.failures = 0;
  // Beyond this the wait grows no more.
  entry.failures = std::min(entry.failures + 1, limits_.free_failures + 64);
  entry.last = now;
}

void Throttle::take_back(const std::string& key) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return;
  Entry& entry = *found->second;
  if (--entry.failures <= 0) clear(key);
}

void Throttle::clear(const std::string& key) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return;
  const auto entry = found->second;
  by_key_.erase(found);
  entries_.erase(entry);
}

std::string address_key(const std::string& address) {
  namespace ip = boost::asio::ip;
  boost::system::error_code failed;
  const ip::address parsed = ip::make_address(address, failed);
  if (failed || parsed.is_v4()) return address;
  ip::address_v6 v6 = parsed.to_v6();
  if (v6.is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, v6).to_string();
  auto bytes = v6.to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
  return ip::address_v6(bytes).to_string() + "/64";
}

}  // namespace carrel::accounts
