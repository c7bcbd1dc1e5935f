#include <algorithm>
#include <cmath>

#include "orchestrator/cli/format.hpp"
#include "orchestrator/cli/identify.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/cli/views/views.hpp"

namespace carrel::cli::views {
namespace {

constexpr int kBarColumns = 12;

/// "[#####-------]  43 %".
std::string bar(const json& item) {
  const json& progress = member(item, "progress");
  if (!progress.is_number()) return kNothing;
  const double share = std::clamp(progress.get<double>(), 0.0, 1.0);
  const auto full = static_cast<std::size_t>(share * kBarColumns);
  std::string percent = std::to_string(static_cast<int>(share * 100));
  percent.insert(0, 3 - std::min<std::size_t>(3, percent.size()), ' ');
  return "[" + std::string(full, '#') + std::string(kBarColumns - full, '-') + "] " + percent + " %";
}

Tone tone_of_job(const std::string& state) {
  if (state == "done") return Tone::good;
  if (state == "running") return Tone::busy;
  if (state == "failed") return Tone::bad;
  if (state == "cancelled") return Tone::faint;
  return Tone::plain;
}

std::string since(const json& item, const Style& style) {
  for (const char* name : {"ended_at", "started_at", "created_at"}) {
    const std::string age = age_in(item, name, style.now);
    if (age != kNothing) return age;
  }
  return kNothing;
}

std::string note(const json& item, const Style& style) {
  std::string text = text_in(item, "reason");
  if (text == kNothing) text.clear();
  const std::string next = age_in(item, "next_try_at", style.now);
  if (next != kNothing) text += (text.empty() ? "" : "; ") + ("tried again " + next);
  return text.empty() ? kNothing : text;
}

}  // namespace

std::string jobs(const json& answer, const Style& style) {
  const json& items = items_in(answer);
  std::string disk;
  const std::string used = bytes_in(answer, "variants_bytes");
  if (used != kNothing)
    disk = "Converted films take " + used + " of " + bytes_in(answer, "variants_max_bytes") + ".\n";
  if (items.empty()) return "No jobs. carrelctl jobs add VIDEO converts a film.\n" + disk;
  Table table{{{"ID", false, 8},
               {"FILM", false, 8},
               {"QUALITY", false, 4},
               {"STATE", false, 6},
               {"PROGRESS", false, 8},
               {"PRIO", true, 2},
               {"SINCE", false, 6},
               {"ASKED BY", false, 6},
               {"NOTE", false, 6}},
              {}};
  const auto ids = short_ids(items);
  for (std::size_t i = 0; i < items.size(); ++i) {
    const json& item = items[i];
    const std::string state = text_in(item, "state");
    const std::string title = text_in(item, "title");
    const Tone tone = tone_of_job(state);
    table.rows.push_back({{ids[i]},
                          {title == kNothing ? text_in(item, "video") : title},
                          {text_in(item, "quality")},
                          {state, tone},
                          {bar(item), state == "running" ? tone : Tone::faint},
                          {text_in(item, "priority")},
                          {since(item, style)},
                          {text_in(item, "asked_by")},
                          {note(item, style)}});
  }
  return rendered(table, style) + disk;
}

}  // namespace carrel::cli::views
