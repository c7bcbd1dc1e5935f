#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <utility>

#include "orchestrator/lib/asio/one_shot.hpp"

namespace carrel {

/// Lets so many coroutines in at once, the others in the order in which they came. One thread (the
/// executor's). A permit may outlive its gate.
class Gate {
  struct State {
    std::size_t most = 0;
    std::size_t inside = 0;
    std::deque<std::shared_ptr<OneShot<bool>>> waiting{};
  };

 public:
  Gate(boost::asio::any_io_executor executor, std::size_t most)
      : executor_(std::move(executor)), state_(std::make_shared<State>(State{.most = most})) {}

  /// Leaves when destroyed.
  class Permit {
   public:
    explicit Permit(std::weak_ptr<State> gate) : gate_(std::move(gate)) {}
    Permit(Permit&&) noexcept = default;
    Permit& operator=(Permit&&) = delete;
    ~Permit() {
      if (const auto state = gate_.lock()) leave(*state);
    }

   private:
    std::weak_ptr<State> gate_;
  };

  boost::asio::awaitable<Permit> enter() {
    const auto state = state_;
    if (state->inside < state->most) {
      ++state->inside;
      co_return Permit(state);
    }
    const auto turn = std::make_shared<OneShot<bool>>(executor_);
    state->waiting.push_back(turn);
    const bool came = co_await turn->wait_until(std::chrono::steady_clock::time_point::max());
    static_cast<void>(came);
    co_return Permit(state);
  }

  [[nodiscard]] std::size_t waiting() const noexcept { return state_->waiting.size(); }

 private:
  static void leave(State& state) {
    if (state.waiting.empty()) {
      --state.inside;
      return;
    }
    const auto next = state.waiting.front();
    state.waiting.pop_front();
    next->set(true);  // the place goes over to it
  }

  boost::asio::any_io_executor executor_;
  std::shared_ptr<State> state_;
};

}  // namespace carrel
