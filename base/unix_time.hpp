#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace carrel {

/// Seconds since 1970, from the system's clock.
[[nodiscard]] inline std::int64_t unix_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// "2026-01-31T23:59:59Z" (RFC 3339, section 5.6).
[[nodiscard]] std::string rfc3339(std::int64_t unix_seconds);
/// "2026-01-31T23:59:59.123Z".
[[nodiscard]] std::string rfc3339(std::chrono::system_clock::time_point time);

/// "20260131T235959Z", fit for a file's name.
[[nodiscard]] std::string time_stamp(std::int64_t unix_seconds);
/// The other way; nothing for any other text.
[[nodiscard]] std::optional<std::int64_t> time_of_stamp(const std::string& stamp);

}  // namespace carrel
