#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// What toml++ 3.3 must not be given, because it relies on things about a text that it never checked (failed
/// assertions, and undefined behaviour without them).
namespace carrel::config {

/// `text` with braces, per cent signs and all beyond ASCII written as %XX. Outside strings and comments these
/// are then plain syntax errors: TOML has none beyond ASCII there, and a configuration no inline tables.
[[nodiscard]] std::string shield(std::string_view text);

/// What shield() was given, of a part of its result such as a string's value.
[[nodiscard]] std::string unshield(std::string_view text);

/// The first line, from 1, that begins with [ and goes on with neither a name nor ].
[[nodiscard]] std::optional<std::size_t> broken_header_line(std::string_view text);

}  // namespace carrel::config
