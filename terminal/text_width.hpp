#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace carrel::terminal {

/// `text` without what would move the cursor or hide something: control characters and what is not UTF-8
/// become "?". Names and reasons may come from strangers.
[[nodiscard]] std::string printable(std::string_view text);

/// Columns of a terminal that a printable text takes; East Asian wide characters take two.
[[nodiscard]] std::size_t width_of(std::string_view text);

/// At most `width` columns of a printable text, the last being "…" where something is left out.
[[nodiscard]] std::string clipped(std::string_view text, std::size_t width);

}  // namespace carrel::terminal
