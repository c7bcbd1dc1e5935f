#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace carrel::sandbox {

/// Sessions that wait for a place, in the order in which they came. A place in the line is kept for one that
/// keeps asking, so that a client that comes back after Retry-After has lost nothing. Those behind one that
/// does not ask for a while pass by it; it goes on from its place if it comes back after all.
class WaitingLine {
 public:
  using Clock = std::chrono::steady_clock;

  /// One that has not asked for longer than `absence` is passed by, for longer than `patience` forgotten.
  WaitingLine(std::size_t most, std::chrono::seconds absence, std::chrono::seconds patience)
      : most_(most), absence_(absence), patience_(patience) {}

  /// The position, from 1; empty when the line is full. Counts as asking.
  [[nodiscard]] std::optional<std::size_t> stand(std::string_view session, Clock::time_point now);
  /// Nobody who is there came before.
  [[nodiscard]] bool may_go(std::string_view session, Clock::time_point now);
  /// True once for each position that a session comes to.
  [[nodiscard]] bool is_news(std::string_view session, std::size_t position);
  void leave(std::string_view session);
  [[nodiscard]] std::size_t size(Clock::time_point now);

 private:
  struct Place {
    std::string session;
    Clock::time_point asked;
    std::size_t told = 0;
  };

  void drop_the_gone(Clock::time_point now);

  std::size_t most_;
  std::chrono::seconds absence_;
  std::chrono::seconds patience_;
  std::vector<Place> places_;
};

}  // namespace carrel::sandbox
