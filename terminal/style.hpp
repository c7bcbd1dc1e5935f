#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace carrel::terminal {

/// How to print, decided once from where the output goes.
struct Style {
  std::size_t width = 0;  ///< columns; 0: no limit, the output is no terminal
  bool colour = false;
  std::int64_t now = 0;  ///< seconds since 1970, for ages
};

enum class Tone { plain, good, busy, bad, faint, strong };

/// `text` in the colour of `tone`, or as it is where there is no colour.
[[nodiscard]] std::string painted(std::string_view text, Tone tone, const Style& style);

/// What the environment and the file descriptor allow: colour only on a terminal, never with NO_COLOR
/// (no-color.org) or TERM=dumb; the width from the terminal, else from COLUMNS.
[[nodiscard]] Style style_of(int descriptor);

}  // namespace carrel::terminal
