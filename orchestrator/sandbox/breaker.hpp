#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace carrel::sandbox {

/// Stops trying for one key (a user, a film) whose sandboxes crash in a loop, and for nobody else. Open for a
/// while after so many crashes; then one try, and a crash of that one opens it again for twice as long.
class Breaker {
 public:
  using Clock = std::chrono::steady_clock;

  struct Options {
    unsigned crashes = 4;
    std::chrono::seconds window{60};
    std::chrono::seconds first_pause{15};
    std::chrono::seconds longest_pause{600};
    std::size_t most_keys = 4096;
  };

  struct Open {
    std::chrono::seconds retry_after{0};  ///< at least 1
    std::string why;                      ///< of the last crash
  };

  explicit Breaker(Options options) : options_(options) {}

  void crashed(const std::string& key, std::string why, Clock::time_point now);
  /// It crashed within the window, or is open.
  [[nodiscard]] bool crashed_lately(const std::string& key, Clock::time_point now) const;
  [[nodiscard]] std::optional<Open> open(const std::string& key, Clock::time_point now) const;
  /// Forgets keys that have been quiet for long.
  void forget_old(Clock::time_point now);
  [[nodiscard]] std::size_t open_count(Clock::time_point now) const;

 private:
  struct Entry {
    std::vector<Clock::time_point> recent;
    Clock::time_point open_until = Clock::time_point::min();
    unsigned trips = 0;
    std::string why;
  };

  Options options_;
  std::map<std::string, Entry> entries_;
};

}  // namespace carrel::sandbox
