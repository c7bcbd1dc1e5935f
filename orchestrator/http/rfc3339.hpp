#pragma once

#include <cstdint>
#include <string>

namespace carrel::http {

/// Unix seconds as "2026-01-31T23:59:59Z".
[[nodiscard]] std::string rfc3339(std::int64_t unix_seconds);

}  // namespace carrel::http
