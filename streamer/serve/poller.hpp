#pragma once

#include <sys/epoll.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <span>

#include "base/unique_fd.hpp"

namespace carrel::streamer {

/// Level-triggered epoll. Each descriptor is known by a token of the caller's choice. Remove a descriptor
/// before closing it: an open file that another process shares would otherwise stay in the set.
class Poller {
 public:
  [[nodiscard]] static Result<Poller> make();

  [[nodiscard]] Result<void> add(int fd, std::uint32_t events, std::uint64_t token);
  [[nodiscard]] Result<void> change(int fd, std::uint32_t events, std::uint64_t token);
  void remove(int fd);

  /// Waits without limit, or with `look` not at all; valid until the next call.
  [[nodiscard]] Result<std::span<const epoll_event>> wait(bool look = false);

 private:
  explicit Poller(UniqueFd epoll) : epoll_(std::move(epoll)) {}
  [[nodiscard]] Result<void> control(int operation, int fd, std::uint32_t events, std::uint64_t token);

  UniqueFd epoll_;
  std::array<epoll_event, 32> events_{};
};

/// A repeating timer, readable when it fired.
class Ticker {
 public:
  [[nodiscard]] static Result<Ticker> make();
  [[nodiscard]] int fd() const { return timer_.get(); }
  void start(std::chrono::milliseconds period);
  void stop();
  void acknowledge();

 private:
  explicit Ticker(UniqueFd timer) : timer_(std::move(timer)) {}
  UniqueFd timer_;
};

}  // namespace carrel::streamer
