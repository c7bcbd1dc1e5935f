#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "orchestrator/cli/terminal.hpp"

/// Values of the API as people read them. Members that are missing or null are "-".
namespace carrel::cli {

/// RFC 3339 in UTC ("2026-01-31T23:59:59Z", fractions ignored), or seconds since 1970.
[[nodiscard]] std::optional<std::int64_t> time_in(const nlohmann::json& value);

// Of a member of an object; the object need not be one.
[[nodiscard]] const nlohmann::json& member(const nlohmann::json& object, std::string_view name);
[[nodiscard]] std::string text_in(const nlohmann::json& object, std::string_view name);
[[nodiscard]] std::string bytes_in(const nlohmann::json& object, std::string_view name);
[[nodiscard]] std::string seconds_in(const nlohmann::json& object, std::string_view name);
[[nodiscard]] std::string age_in(const nlohmann::json& object, std::string_view name, std::int64_t now);

/// The member "items", or an empty list.
[[nodiscard]] const nlohmann::json& items_in(const nlohmann::json& answer);

}  // namespace carrel::cli
