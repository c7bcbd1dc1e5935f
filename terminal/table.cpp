#include "terminal/table.hpp"

#include <algorithm>
#include <numeric>
#include <optional>

#include "terminal/text_width.hpp"

namespace carrel::terminal {
namespace {

constexpr std::size_t kGap = 2;

std::size_t total(const std::vector<std::size_t>& widths) {
  const auto shown =
      static_cast<std::size_t>(std::ranges::count_if(widths, [](std::size_t w) { return w > 0; }));
  return std::accumulate(widths.begin(), widths.end(), std::size_t{0}) + (shown > 0 ? (shown - 1) * kGap : 0);
}

/// The widest that may still become narrower.
std::optional<std::size_t> widest(const std::vector<std::size_t>& widths,
                                  const std::vector<Column>& columns) {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < widths.size(); ++i) {
    if (widths[i] > columns[i].least && (!found || widths[i] > widths[*found])) found = i;
  }
  return found;
}

std::string padded(const std::string& text, std::size_t width, bool right, Tone tone, const Style& style) {
  const std::string shown = clipped(text, width);
  const std::string space(width - std::min(width, width_of(shown)), ' ');
  const std::string colourful = painted(shown, tone, style);
  return right ? space + colourful : colourful + space;
}

std::string line_of(const std::vector<Cell>& cells, const std::vector<std::size_t>& widths,
                    const std::vector<Column>& columns, const Style& style) {
  std::string line;
  std::size_t last = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (widths[i] > 0) last = i;
  }
  for (std::size_t i = 0; i <= last; ++i) {
    if (widths[i] == 0) continue;
    if (!line.empty()) line.append(kGap, ' ');
    const bool fills = i != last || columns[i].right;
    const std::size_t width = fills ? widths[i] : std::min(widths[i], width_of(cells[i].text));
    line += padded(cells[i].text, width, columns[i].right, cells[i].tone, style);
  }
  return line + "\n";
}

}  // namespace

std::vector<std::size_t> fit(const std::vector<std::size_t>& wanted, const std::vector<Column>& columns,
                             std::size_t available) {
  std::vector<std::size_t> widths = wanted;
  while (total(widths) > available) {
    const auto narrower = widest(widths, columns);
    if (!narrower) break;
    --widths[*narrower];
  }
  for (std::size_t last = widths.size(); last-- > 1 && total(widths) > available;) widths[last] = 0;
  if (!widths.empty()) widths.front() = std::min(widths.front(), available);
  return widths;
}

std::string rendered(const Table& table, const Style& style) {
  Table safe = table;
  std::vector<Cell> titles;
  std::vector<std::size_t> widths;
  for (const auto& column : table.columns) {
    titles.push_back({column.title, Tone::strong});
    widths.push_back(width_of(column.title));
  }
  for (auto& row : safe.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      row[i].text = printable(row[i].text);
      widths[i] = std::max(widths[i], width_of(row[i].text));
    }
  }
  if (style.width > 0) widths = fit(widths, table.columns, style.width);
  std::string text = line_of(titles, widths, table.columns, style);
  for (const auto& row : safe.rows) text += line_of(row, widths, table.columns, style);
  return text;
}

std::string rendered_fields(const std::vector<std::pair<std::string, Cell>>& fields, const Style& style) {
  std::size_t names = 0;
  for (const auto& [name, value] : fields) names = std::max(names, width_of(name));
  std::string text;
  for (const auto& [name, value] : fields) {
    const std::string safe = printable(value.text);
    const std::size_t left = names + kGap;
    const std::size_t room = style.width == 0 ? width_of(safe) : style.width - std::min(style.width, left);
    text += padded(name, names, false, Tone::faint, style);
    text.append(kGap, ' ');
    text += painted(clipped(safe, room), value.tone, style) + "\n";
  }
  return text;
}

}  // namespace carrel::terminal
