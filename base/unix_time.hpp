#pragma once

#include <chrono>
#include <cstdint>

namespace carrel {

/// Seconds since 1970, from the system's clock.
[[nodiscard]] inline std::int64_t unix_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace carrel
