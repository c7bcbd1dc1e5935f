#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string_view>

/// How answers write what may be missing.
namespace carrel::http {

/// As RFC 3339; null for 0.
[[nodiscard]] nlohmann::json time_or_null(std::int64_t unix_seconds);

[[nodiscard]] nlohmann::json text_or_null(std::string_view text);

}  // namespace carrel::http
