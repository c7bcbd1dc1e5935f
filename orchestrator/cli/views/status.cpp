#include <optional>
#include <utility>
#include <vector>

#include "orchestrator/cli/format.hpp"
#include "orchestrator/cli/state_tone.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/cli/views/views.hpp"

namespace carrel::cli::views {
namespace {

std::string counts(const json& by_state) {
  std::string text;
  if (!by_state.is_object()) return kNothing;
  for (const auto& [state, count] : by_state.items()) {
    if (count.is_number() && count.get<double>() == 0) continue;
    if (!text.empty()) text += ", ";
    text += count.dump() + " " + state;
  }
  return text.empty() ? "none" : text;
}

Cell engine_cell(const json& engine) {
  const std::string state = text_in(engine, "state");
  std::string text = state;
  if (!member(engine, "product").is_null())
    text += ", " + text_in(engine, "product") + " " + text_in(engine, "version");
  const std::string message = text_in(engine, "message");
  if (message != kNothing) text += ": " + message;
  return {text, tone_of_state(state)};
}

/// What the machine cannot bear, if there is anything.
std::optional<Cell> shedding_cell(const json& shedding) {
  const std::string level = text_in(shedding, "level");
  if (level == "0" || level == kNothing) return std::nullopt;
  const bool nothing_new = level != "1";
  return Cell{(nothing_new ? "no new sandboxes and no conversions: " : "fewer conversions: ") +
                  text_in(shedding, "reason"),
              nothing_new ? Tone::bad : Tone::busy};
}

}  // namespace

std::string status(const json& answer, const Style& style) {
  const json& sandboxes = member(answer, "sandboxes");
  const json& pool = member(answer, "pool");
  std::string pool_text = text_in(pool, "ready") + " ready of " + text_in(pool, "size");
  if (text_in(pool, "starting") != "0") pool_text += ", " + text_in(pool, "starting") + " starting";
  std::vector<std::pair<std::string, Cell>> fields{
      {"version", {text_in(answer, "version")}},
      {"up for", {seconds_in(answer, "uptime_seconds")}},
      {"instance", {text_in(answer, "instance")}},
      {"engine", engine_cell(member(answer, "engine"))},
      {"sandboxes",
       {counts(member(sandboxes, "by_state")) + " (at most " + text_in(sandboxes, "max_total") + ")"}},
      {"pool", {pool_text}},
      {"sessions", {text_in(answer, "sessions")}},
      {"streams", {text_in(answer, "streams")}},
      {"queue", {text_in(answer, "queue")}},
      {"acknowledged", {bytes_in(answer, "bytes_acknowledged")}}};
  if (auto shedding = shedding_cell(member(answer, "shedding"))) {
    fields.emplace_back("shedding", std::move(*shedding));
  }
  return rendered_fields(fields, style);
}

std::string pool(const json& answer, const Style& style) {
  std::vector<std::pair<std::string, Cell>> fields;
  if (answer.is_object()) {
    for (const auto& [name, value] : answer.items()) fields.emplace_back(name, Cell{text_in(answer, name)});
  }
  std::string text = rendered_fields(fields, style);
  if (text_in(answer, "size") == "0") {
    text +=
        "The pool is turned off: a login starts its sandbox. carrelctl pool resize 2 keeps two waiting.\n";
  }
  return text;
}

std::string collected(const json& answer, const Style& style) {
  const json& items = items_in(answer);
  if (items.empty()) return "Nothing to collect: every container belongs to a living sandbox.\n";
  Table table{{{"CONTAINER", false, 12}, {"SANDBOX", false, 8}, {"REMOVED"}, {"REASON", false, 10}}, {}};
  for (const json& item : items) {
    table.rows.push_back({{text_in(item, "container").substr(0, 12)},
                          {text_in(item, "sandbox")},
                          {text_in(item, "removed")},
                          {text_in(item, "reason")}});
  }
  return rendered(table, style);
}

}  // namespace carrel::cli::views
