#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace carrel::sodium {

using Uuid = std::array<std::uint8_t, 16>;

/// A new UUID of version 7 (RFC 9562 section 5.7) as lower-case text: 48 bits of milliseconds since 1970, 74
/// random ones.
[[nodiscard]] std::string make_uuid_v7(
    std::chrono::system_clock::time_point now = std::chrono::system_clock::now());

/// Only the canonical form: 36 characters, lower case, dashes in place; any version. One text for one value.
[[nodiscard]] std::optional<Uuid> parse_uuid(std::string_view text);
[[nodiscard]] bool is_uuid(std::string_view text);
[[nodiscard]] std::string format_uuid(const Uuid& uuid);

}  // namespace carrel::sodium
