#include "orchestrator/cli/views/errors.hpp"

#include "orchestrator/cli/format.hpp"
#include "orchestrator/cli/terminal.hpp"

namespace carrel::cli::views {

std::string errors(const json& answer, const Style& style) {
  const json& items = items_in(answer);
  if (items.empty()) return "Nothing went wrong since carreld was started.\n";
  Table table{{{"COUNT", true}, {"LAST", false, 6}, {"FIRST", false, 6}, {"EVENT"}, {"MESSAGE", false, 8}},
              {}};
  for (const json& item : items) {
    const Tone tone = member(item, "level") == "error" ? Tone::bad : Tone::plain;
    table.rows.push_back({{text_in(item, "count")},
                          {age_in(item, "last_at", style.now)},
                          {age_in(item, "first_at", style.now)},
                          {text_in(item, "event"), tone},
                          {text_in(item, "message")}});
  }
  return rendered(table, style);
}

}  // namespace carrel::cli::views
