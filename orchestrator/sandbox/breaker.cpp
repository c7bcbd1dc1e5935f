#include "orchestrator/sandbox/breaker.hpp"

#include <algorithm>
#include <utility>

namespace carrel::sandbox {

void Breaker::crashed(const std::string& key, std::string why, Clock::time_point now) {
  if (!entries_.contains(key) && entries_.size() >= options_.most_keys) {
    forget_old(now);
    // So many broken keys are the host's fault; a breaker per key does not help then.
    if (entries_.size() >= options_.most_keys) return;
  }
  Entry& entry = entries_[key];
  entry.why = std::move(why);
  // Of those that ran already when it opened; nothing was tried since.
  if (now < entry.open_until) return;
  std::erase_if(entry.recent, [&](Clock::time_point at) { return now - at > options_.window; });
  entry.recent.push_back(now);
  const bool on_trial = entry.trips > 0 && now - entry.open_until < options_.window;
  if (entry.recent.size() < options_.crashes && !on_trial) return;
  if (!on_trial) entry.trips = 0;
  const unsigned doublings = std::min(entry.trips, 10U);
  entry.open_until = now + std::min(options_.first_pause * (1U << doublings), options_.longest_pause);
  ++entry.trips;
  entry.recent.clear();
}

bool Breaker::crashed_lately(const std::string& key, Clock::time_point now) const {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return false;
  const Entry& entry = found->second;
  return now < entry.open_until || (!entry.recent.empty() && now - entry.recent.back() <= options_.window);
}

std::optional<Breaker::Open> Breaker::open(const std::string& key, Clock::time_point now) const {
  const auto found = entries_.find(key);
  if (found == entries_.end() || now >= found->second.open_until) return std::nullopt;
  return Open{std::chrono::ceil<std::chrono::seconds>(found->second.open_until - now), found->second.why};
}

void Breaker::forget_old(Clock::time_point now) {
  std::erase_if(entries_, [&](const auto& item) {
    const Entry& entry = item.second;
    const bool quiet = entry.recent.empty() || now - entry.recent.back() > options_.window;
    return quiet && (entry.trips == 0 || now - entry.open_until > options_.window);
  });
}

std::size_t Breaker::open_count(Clock::time_point now) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(entries_, [&](const auto& item) { return now < item.second.open_until; }));
}

}  // namespace carrel::sandbox
