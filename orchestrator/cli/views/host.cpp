#include <sstream>
#include <string>

#include "orchestrator/cli/format.hpp"
#include "orchestrator/cli/state_tone.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/cli/views/views.hpp"

namespace carrel::cli::views {

namespace {

/// What is of several lines goes on below its beginning.
std::string indented(const std::string& text) {
  std::string shown;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    shown += (shown.empty() ? "" : "\n    ") + printable(line);
  return shown;
}

}  // namespace

std::string event(const std::string& name, const json& data, const Style& style) {
  std::string line = text_in(data, "at");
  if (line == kNothing) line.clear();
  line += (line.empty() ? "" : "  ") + painted(printable(name), Tone::strong, style);
  if (!data.is_object())
    return line + "  " + printable(data.dump(-1, ' ', false, json::error_handler_t::replace));
  for (const auto& [key, value] : data.items()) {
    if (key == "at" || value.is_null() || value == "") continue;
    const std::string text = printable(text_in(data, key));
    const Tone tone = key == "state" ? tone_of_state(text) : Tone::plain;
    line += "  " + painted(printable(key) + "=", Tone::faint, style) + painted(text, tone, style);
  }
  return line;
}

std::string config(const json& answer, const Style& style) {
  Table table{{{"KEY", false, 8}, {"VALUE", false, 8}, {"FROM", false, 7}}, {}};
  for (const json& item : items_in(answer)) {
    const std::string source = text_in(item, "source");
    table.rows.push_back({{text_in(item, "key")},
                          {text_in(item, "value")},
                          {source, source == "default" ? Tone::faint : Tone::plain}});
  }
  return rendered(table, style);
}

std::string log_level(const json& answer, const Style& style) {
  std::string parts;
  const json& levels = member(answer, "levels");
  if (levels.is_array()) {
    for (const json& one : levels)
      parts += (parts.empty() ? "" : ", ") + (one.is_string() ? one.get<std::string>() : kNothing);
  }
  return rendered_fields(
      {{"level", {text_in(answer, "level")}}, {"parts", {parts.empty() ? kNothing : parts}}}, style);
}

std::string checks(const json& answer, const Style& style) {
  std::string text;
  std::size_t failed = 0;
  std::size_t warnings = 0;
  for (const json& item : items_in(answer)) {
    const std::string state = text_in(item, "state");
    failed += state == "failed" ? 1 : 0;
    warnings += state == "warning" ? 1 : 0;
    text += painted(state == "ok"        ? "[+] "
                    : state == "warning" ? "[!] "
                                         : "[-] ",
                    tone_of_state(state), style);
    text += printable(text_in(item, "check")) + ": " + indented(text_in(item, "detail")) + "\n";
    const std::string remedy = text_in(item, "remedy");
    if (remedy != kNothing) text += "    " + indented(remedy) + "\n";
  }
  if (failed + warnings == 0) return text + "Nothing is wrong with this host.\n";
  return text + std::to_string(failed) + " wrong, " + std::to_string(warnings) + " worth a look\n";
}

}  // namespace carrel::cli::views
