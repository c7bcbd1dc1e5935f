#include <algorithm>
#include <numeric>

#include "orchestrator/cli/format.hpp"
#include "orchestrator/cli/identify.hpp"
#include "orchestrator/cli/state_tone.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/cli/views/views.hpp"

namespace carrel::cli::views {
namespace {

constexpr char kNone[] =
    "No sandboxes. One is made at the next login; carrelctl pool resize 1 keeps one waiting.\n";

Cell state_cell(const json& item) {
  const std::string state = text_in(item, "state");
  const std::string reason = text_in(item, "reason");
  return {reason == kNothing ? state : state + " (" + reason + ")", tone_of_state(state)};
}

std::string memory_of(const json& item) {
  return bytes_in(item, "memory_bytes") + " / " + bytes_in(item, "memory_limit_bytes");
}

double number_in(const json& item, std::string_view name) {
  const json& value = member(item, name);
  return value.is_number() ? value.get<double>() : 0;
}

}  // namespace

std::string sandboxes(const json& answer, const Style& style) {
  const json& items = items_in(answer);
  if (items.empty()) return kNone;
  Table table{{{"ID", false, 8},
               {"STATE", false, 6},
               {"USER"},
               {"ROLE"},
               {"STREAMS", true, 1},
               {"MEMORY", true, 8},
               {"AGE", true, 3},
               {"LAST ACTIVITY", false, 6}},
              {}};
  const auto ids = short_ids(items);
  for (std::size_t i = 0; i < items.size(); ++i) {
    const json& item = items[i];
    const auto created = time_in(member(item, "created_at"));
    table.rows.push_back({{ids[i]},
                          state_cell(item),
                          {text_in(item, "user")},
                          {text_in(item, "role")},
                          {text_in(item, "streams")},
                          {memory_of(item)},
                          {created ? duration_text(style.now - *created) : kNothing},
                          {age_in(item, "last_activity", style.now)}});
  }
  return rendered(table, style);
}

std::string sandbox_use(const json& answer, const Style& style) {
  const json& items = items_in(answer);
  if (items.empty()) return kNone;
  const auto ids = short_ids(items);
  std::vector<std::size_t> order(items.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&items](std::size_t a, std::size_t b) {
    const double of_a = number_in(items[a], "cpu_seconds");
    const double of_b = number_in(items[b], "cpu_seconds");
    return of_a != of_b ? of_a > of_b : a < b;
  });
  Table table{{{"ID", false, 8},
               {"USER"},
               {"STATE", false, 6},
               {"CPU TIME", true, 3},
               {"CPUS", true, 3},
               {"MEMORY", true, 8},
               {"STREAMS", true, 1},
               {"ACKNOWLEDGED", true, 6}},
              {}};
  for (const std::size_t i : order) {
    const json& item = items[i];
    table.rows.push_back({{ids[i]},
                          {text_in(item, "user")},
                          state_cell(item),
                          {seconds_in(item, "cpu_seconds")},
                          {text_in(item, "cpus")},
                          {memory_of(item)},
                          {text_in(item, "streams")},
                          {bytes_in(item, "bytes_acknowledged")}});
  }
  return rendered(table, style);
}

std::string sandbox(const json& item, const Style& style) {
  std::string text = rendered_fields({{"id", {text_in(item, "id")}},
                                      {"state", state_cell(item)},
                                      {"user", {text_in(item, "user")}},
                                      {"session", {text_in(item, "session")}},
                                      {"role", {text_in(item, "role")}},
                                      {"container", {text_in(item, "container")}},
                                      {"image", {text_in(item, "image")}},
                                      {"generation", {text_in(item, "generation")}},
                                      {"created", {age_in(item, "created_at", style.now)}},
                                      {"ready", {age_in(item, "ready_at", style.now)}},
                                      {"last activity", {age_in(item, "last_activity", style.now)}},
                                      {"streams", {text_in(item, "streams")}},
                                      {"acknowledged", {bytes_in(item, "bytes_acknowledged")}},
                                      {"memory", {memory_of(item)}},
                                      {"CPU time", {seconds_in(item, "cpu_seconds")}},
                                      {"CPUs", {text_in(item, "cpus")}}},
                                     style);
  const json& history = member(item, "history");
  if (!history.is_array() || history.empty()) return text;
  Table table{{{"AT", false, 20}, {"STATE"}, {"REASON"}, {"DETAIL", false, 10}}, {}};
  for (const json& step : history) {
    const std::string state = text_in(step, "state");
    table.rows.push_back({{text_in(step, "at")},
                          {state, tone_of_state(state)},
                          {text_in(step, "reason")},
                          {text_in(step, "detail")}});
  }
  return text + "\n" + rendered(table, style);
}

std::string sandbox_why(const json& answer, const Style& style) {
  const json& touched = member(answer, "touched_last");
  std::string last = text_in(touched, "what");
  if (const auto at = time_in(member(touched, "at"))) last += ", " + age_text(*at, style.now);
  std::string goes = age_in(answer, "goes_at", style.now);
  if (goes != kNothing) goes += " (" + text_in(answer, "goes_at") + ")";
  std::string text;
  const json& lines = member(answer, "text");
  if (lines.is_array()) {
    for (const json& line : lines) {
      text += rendered_fields({{"", {line.is_string() ? line.get<std::string>() : line.dump()}}}, Style{})
                  .substr(2);
    }
    text += "\n";
  }
  return text + rendered_fields({{"lives because", {text_in(answer, "lives_because")}},
                                 {"touched last", {last}},
                                 {"goes", {goes}},
                                 {"removed by", {text_in(answer, "remover")}}},
                                style);
}

std::string verification(const json& answer, const Style& style) {
  const json& items = items_in(answer);
  if (items.empty()) return "Nothing was tried.\n";
  Table table{{{"RESULT", false, 6}, {"ATTEMPT", false, 12}, {"EXPECTED"}, {"OUTCOME", false, 8}}, {}};
  std::size_t bad = 0;
  for (const json& item : items) {
    const bool ok = member(item, "ok") == true;
    bad += ok ? 0 : 1;
    table.rows.push_back({ok ? Cell{"ok", Tone::good} : Cell{"FAILED", Tone::bad},
                          {text_in(item, "attempt")},
                          {text_in(item, "expected")},
                          {text_in(item, "outcome")}});
  }
  const std::string sum = bad == 0 ? "The jail holds: every attempt went as it must.\n"
                                   : std::to_string(bad) + " of " + std::to_string(items.size()) +
                                         " attempts did not go as they must; do not let viewers in.\n";
  return rendered(table, style) + sum;
}

}  // namespace carrel::cli::views
