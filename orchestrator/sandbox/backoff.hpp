#pragma once

#include <algorithm>
#include <chrono>

namespace carrel::sandbox {

/// How long to leave something alone that fails: each failure doubles the pause, up to a longest one, and
/// what has worked for a while has made good for all of them. The time is the caller's, so it needs no clock.
class Backoff {
 public:
  using Clock = std::chrono::steady_clock;

  struct Options {
    std::chrono::seconds first{1};
    std::chrono::seconds longest{60};
    std::chrono::seconds proven{10};  ///< what lived for so long is not a failure when it ends
  };

  explicit Backoff(Options options) : options_(options), pause_(options.first) {}

  [[nodiscard]] bool may_try(Clock::time_point now) const noexcept { return now >= next_; }
  void failed(Clock::time_point now) {
    next_ = now + pause_;
    pause_ = std::min(pause_ * 2, options_.longest);
  }
  /// It lived from `since` to `now`. True, and all failures are forgotten, when that was long enough.
  bool outlived(Clock::time_point since, Clock::time_point now) {
    if (now - since < options_.proven) return false;
    next_ = Clock::time_point::min();
    pause_ = options_.first;
    return true;
  }

 private:
  Options options_;
  std::chrono::seconds pause_;
  Clock::time_point next_ = Clock::time_point::min();
};

}  // namespace carrel::sandbox
