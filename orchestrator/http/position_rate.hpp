#pragma once

#include <chrono>
#include <string>
#include <unordered_map>

namespace carrel::http {

/// How often one user may tell positions, each of which is a write to the database: a burst for several pages
/// that play, pause and close at once, then a steady rate far above theirs. One thread.
class PositionRate {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr int kBurst = 60;
  static constexpr std::chrono::milliseconds kEach{500};

  /// Zero: this one may be written, and counts. Else how long until one may.
  [[nodiscard]] std::chrono::seconds admit(const std::string& user, Clock::time_point now);

  [[nodiscard]] std::size_t users() const { return paid_until_.size(); }

 private:
  std::unordered_map<std::string, Clock::time_point> paid_until_;  ///< by user
};

}  // namespace carrel::http
