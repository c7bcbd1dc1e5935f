#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace carrel::sodium {

/// RFC 4648 section 5 (base64url) without padding: only [A-Za-z0-9_-], safe in a path segment and in a
/// cookie.
[[nodiscard]] std::string to_base64url(std::span<const std::uint8_t> bytes);

/// Exactly one text stands for given bytes: padding, white space, other characters and stray low bits are
/// refused. `max_bytes` bounds what is decoded.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> from_base64url(std::string_view text,
                                                                      std::size_t max_bytes);

}  // namespace carrel::sodium
