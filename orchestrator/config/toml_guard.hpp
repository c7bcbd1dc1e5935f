#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace carrel::config {

struct TomlFlaw {
  std::size_t line;  ///< from 1
  std::string message;
};

/// What toml++ 3.3 must not be given: it relies on things about a text that it never checked (failed
/// assertions, and undefined behaviour without them). These are a table header that does not go on with a
/// name, and characters beyond ASCII outside strings and comments; TOML 1.0 allows neither.
[[nodiscard]] std::optional<TomlFlaw> find_flaw(std::string_view text);

}  // namespace carrel::config
