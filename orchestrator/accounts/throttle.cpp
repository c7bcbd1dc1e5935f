#include "orchestrator/accounts/throttle.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <iterator>
#include <utility>

namespace carrel::accounts {

std::int64_t Throttle::blocked_until(const Entry& entry) const {
  const int beyond = entry.failures - limits_.free_failures;
  if (beyond <= 0) return 0;
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

bool Throttle::has_turn(const std::string& key) const {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return true;
  const Entry& entry = *found->second;
  return entry.under_way < std::max(1, limits_.free_failures + 1 - entry.failures);
}

void Throttle::begin(const std::string& key, std::int64_t now) {
  const auto found = by_key_.find(key);
  if (found != by_key_.end()) {
    entries_.splice(entries_.begin(), entries_, found->second);
  } else {
    make_room();
    entries_.push_front(Entry{.key = key, .last = now});
    by_key_.emplace(entries_.front().key, entries_.begin());
  }
  ++entries_.front().under_way;
}

void Throttle::failed(const std::string& key, std::int64_t now) {
  Entry* entry = find(key);
  if (entry == nullptr) return;
  --entry->under_way;
  if (now - entry->last >= limits_.forget.count()) entry->failures = 0;
  // Beyond this the wait grows no more.
  entry->failures = std::min(entry->failures + 1, limits_.free_failures + 64);
  entry->last = now;
  entry->refusal_noted = false;
}

void Throttle::succeeded(const std::string& key) {
  Entry* entry = find(key);
  if (entry == nullptr) return;
  entry->failures = 0;
  abandoned(key);
}

void Throttle::abandoned(const std::string& key) {
  Entry* entry = find(key);
  if (entry == nullptr) return;
  --entry->under_way;
  forget_if_clean(key);
}

bool Throttle::is_news(const std::string& key) {
  Entry* entry = find(key);
  return entry != nullptr && !std::exchange(entry->refusal_noted, true);
}

Throttle::Entry* Throttle::find(const std::string& key) {
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : &*found->second;
}

void Throttle::make_room() {
  if (entries_.size() < limits_.max_entries) return;
  // Those under way are bounded by who begins them, and are still to be ended.
  const auto idle = std::find_if(entries_.rbegin(), entries_.rend(),
                                 [](const Entry& entry) { return entry.under_way == 0; });
  if (idle == entries_.rend()) return;
  by_key_.erase(idle->key);
  entries_.erase(std::next(idle).base());
}

void Throttle::forget_if_clean(const std::string& key) {
  const auto found = by_key_.find(key);
  const auto entry = found->second;
  if (entry->failures > 0 || entry->under_way > 0) return;
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
