#include "orchestrator/http/position_rate.hpp"

#include <algorithm>

namespace carrel::http {
namespace {

constexpr std::size_t kLookForIdle = 1024;

}  // namespace

std::chrono::seconds PositionRate::admit(const std::string& user, Clock::time_point now) {
  if (paid_until_.size() >= kLookForIdle && !paid_until_.contains(user))
    std::erase_if(paid_until_, [now](const auto& one) { return one.second <= now; });
  Clock::time_point& paid = paid_until_[user];
  const auto next = std::max(paid, now) + kEach;
  const auto wait = next - (now + kBurst * kEach);
  if (wait > Clock::duration::zero()) return std::chrono::ceil<std::chrono::seconds>(wait);
  paid = next;
  return std::chrono::seconds(0);
}

}  // namespace carrel::http
