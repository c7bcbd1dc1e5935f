#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

#include "orchestrator/sandbox/budget.hpp"

namespace carrel::sandbox {

/// What the host has of memory, looked up at most once a second: the kernel walks all its zones for each
/// look, and every session that waits for a place asks. One thread.
class AvailableMemory {
 public:
  using Clock = std::chrono::steady_clock;
  using Read = std::function<std::optional<std::uint64_t>()>;
  using Now = std::function<Clock::time_point()>;

  explicit AvailableMemory(Read read = &read_available_memory, Now now = &Clock::now)
      : read_(std::move(read)), now_(std::move(now)) {}

  /// Bytes; none when the kernel does not tell.
  [[nodiscard]] std::optional<std::uint64_t> bytes() {
    constexpr std::chrono::seconds kFresh{1};
    const auto now = now_();
    if (!read_at_ || now - *read_at_ >= kFresh) {
      bytes_ = read_();
      read_at_ = now;
    }
    return bytes_;
  }

 private:
  Read read_;
  Now now_;
  std::optional<Clock::time_point> read_at_;
  std::optional<std::uint64_t> bytes_;
};

}  // namespace carrel::sandbox
