#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace carrel::sandbox {

/// Rates that share `total` fairly among lanes that take at most `caps` each (max-min fairness); 0 stands for
/// no bound in all three places. Pure.
[[nodiscard]] std::vector<std::uint64_t> fair_rates(std::uint64_t total, std::span<const std::uint64_t> caps);

/// Keeps each session, and all of them together, to their bytes a second: the kernel paces each answer's
/// socket (SO_MAX_PACING_RATE of socket(7)), whoever writes to it. I/O thread only.
class Pacer {
 public:
  /// `total` bytes a second for all answers; 0: no bound.
  explicit Pacer(std::uint64_t total) : state_(std::make_shared<State>(State{total, 0, {}, {}})) {}

  /// An answer's place; given up when destroyed.
  class Lane {
   public:
    Lane(Lane&&) noexcept = default;
    Lane& operator=(Lane&&) = delete;
    ~Lane();

   private:
    friend class Pacer;
    Lane(std::shared_ptr<void> state, std::uint64_t id) : state_(std::move(state)), id_(id) {}
    std::shared_ptr<void> state_;
    std::uint64_t id_;
  };

  /// `socket` is a TCP connection that stays open at least as long as the lane.
  [[nodiscard]] Lane enter(int socket, const std::string& session);
  /// `bandwidth`: bytes a second of all the session's answers; 0: no bound. Holds for answers under way too.
  void limit(const std::string& session, std::uint64_t bandwidth);
  /// Sessions that have a bound of their own.
  [[nodiscard]] std::size_t limited() const { return state_->limits.size(); }
  [[nodiscard]] std::size_t lanes() const { return state_->lanes.size(); }

 private:
  struct Open {
    int socket = -1;
    std::string session;
    std::uint64_t rate = 0;
  };
  struct State {
    std::uint64_t total;
    std::uint64_t next_id;
    std::map<std::uint64_t, Open> lanes;
    std::map<std::string, std::uint64_t> limits;
  };

  static void share_out(State& state);

  std::shared_ptr<State> state_;
};

}  // namespace carrel::sandbox
