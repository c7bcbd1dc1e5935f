#pragma once

#include <chrono>
#include <optional>

/// The ladder down which an unused sandbox goes. Pure; idle is the time since a client acknowledged bytes, or
/// since the sandbox was given a request.
namespace carrel::sandbox {

struct IdlePolicy {
  std::chrono::seconds pause_after{0};  ///< 0: never paused
  std::chrono::seconds stop_after{1800};
  std::chrono::seconds warn_before{60};  ///< so long before the stop its viewer is told
};

enum class IdleStep { none, pause, warn, stop };

[[nodiscard]] IdleStep next_step(const IdlePolicy& policy, bool paused, bool warned,
                                 std::chrono::steady_clock::duration idle);

}  // namespace carrel::sandbox
