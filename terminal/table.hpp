#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "terminal/style.hpp"

namespace carrel::terminal {

struct Column {
  std::string title;
  bool right = false;     ///< numbers end where they are compared
  std::size_t least = 4;  ///< columns that it keeps when the terminal is narrow
};

struct Cell {
  std::string text;  ///< need not be printable
  Tone tone = Tone::plain;
};

struct Table {
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;  ///< each as long as `columns`
};

/// The width of each column such that they fit into `available` with two spaces between them: the widest are
/// narrowed first, down to `least`; then columns are left out from the right (width 0), never the first.
[[nodiscard]] std::vector<std::size_t> fit(const std::vector<std::size_t>& wanted,
                                           const std::vector<Column>& columns, std::size_t available);

/// A line of titles and one a row; no line is longer than the style's width.
[[nodiscard]] std::string rendered(const Table& table, const Style& style);

/// Names on the left, values on the right; a value that is too long is clipped.
[[nodiscard]] std::string rendered_fields(const std::vector<std::pair<std::string, Cell>>& fields,
                                          const Style& style);

}  // namespace carrel::terminal
