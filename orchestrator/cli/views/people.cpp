#include "orchestrator/cli/format.hpp"
#include "orchestrator/cli/identify.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/cli/views/views.hpp"

namespace carrel::cli::views {
namespace {

Cell standing(const json& item) {
  return member(item, "disabled") == true ? Cell{"disabled", Tone::bad} : Cell{"active", Tone::good};
}

std::string limit_text(const json& limits, const std::string& name) {
  if (name == "memory") return bytes_in(limits, name);
  if (name == "bandwidth") {
    if (member(limits, name) == 0) return "no limit";
    const std::string rate = bytes_in(limits, name);
    return rate == kNothing ? rate : rate + "/s";
  }
  return text_in(limits, name);
}

}  // namespace

std::string sessions(const json& answer, const Style& style) {
  const json& items = items_in(answer);
  if (items.empty()) return "Nobody is logged in.\n";
  Table table{{{"ID", false, 8},
               {"USER"},
               {"ROLE"},
               {"ADDRESS", false, 7},
               {"LOGGED IN", false, 6},
               {"LAST SEEN", false, 6},
               {"ENDS", false, 6}},
              {}};
  const auto ids = short_ids(items);
  for (std::size_t i = 0; i < items.size(); ++i) {
    const json& item = items[i];
    table.rows.push_back({{ids[i]},
                          {text_in(item, "user")},
                          {text_in(item, "role")},
                          {text_in(item, "address")},
                          {age_in(item, "created_at", style.now)},
                          {age_in(item, "last_seen", style.now)},
                          {age_in(item, "expires_at", style.now)}});
  }
  return rendered(table, style);
}

std::string users(const json& answer, const Style& style) {
  const json& items = items_in(answer);
  if (items.empty()) return "No users. carrelctl user add NAME makes one.\n";
  Table table{{{"NAME"}, {"ROLE"}, {"STATE"}, {"SESSIONS", true, 1}, {"MADE", false, 6}, {"ID", false, 8}},
              {}};
  for (const json& item : items) {
    table.rows.push_back({{text_in(item, "name")},
                          {text_in(item, "role")},
                          standing(item),
                          {text_in(item, "sessions")},
                          {age_in(item, "created_at", style.now)},
                          {text_in(item, "id")}});
  }
  return rendered(table, style);
}

std::string user(const json& item, const Style& style) {
  std::vector<std::pair<std::string, Cell>> fields{{"name", {text_in(item, "name")}},
                                                   {"id", {text_in(item, "id")}},
                                                   {"role", {text_in(item, "role")}},
                                                   {"state", standing(item)},
                                                   {"made", {age_in(item, "created_at", style.now)}},
                                                   {"sessions", {text_in(item, "sessions")}}};
  const json& limits = member(item, "limits");
  const json& overrides = member(item, "overrides");
  if (limits.is_object()) {
    for (const auto& [name, value] : limits.items()) {
      const bool own = !member(overrides, name).is_null();
      fields.emplace_back("limit " + name,
                          Cell{limit_text(limits, name) + (own ? " (set for this user)" : "")});
    }
  }
  return rendered_fields(fields, style);
}

std::string tokens(const json& answer, const Style& style) {
  const json& items = items_in(answer);
  if (items.empty()) return "No tokens. carrelctl token add NAME makes one for use over HTTPS.\n";
  Table table{{{"NAME"}, {"MADE BY"}, {"MADE", false, 6}, {"EXPIRES", false, 6}}, {}};
  for (const json& item : items) {
    table.rows.push_back({{text_in(item, "name")},
                          {text_in(item, "created_by")},
                          {age_in(item, "created_at", style.now)},
                          {age_in(item, "expires_at", style.now)}});
  }
  return rendered(table, style);
}

std::string audit(const json& answer, const Style& style) {
  const json& items = items_in(answer);
  if (items.empty()) return "Nothing of that kind is on record.\n";
  Table table{{{"AT", false, 20}, {"ACTOR"}, {"ACTION", false, 8}, {"OBJECT"}, {"DETAIL", false, 8}}, {}};
  for (const json& item : items) {
    table.rows.push_back({{text_in(item, "at")},
                          {text_in(item, "actor")},
                          {text_in(item, "action")},
                          {text_in(item, "object")},
                          {text_in(item, "detail")}});
  }
  return rendered(table, style);
}

std::string backups(const json& answer, const Style& style) {
  const json& items = items_in(answer);
  if (items.empty()) return "No backups. carrelctl backup create makes one.\n";
  Table table{{{"MADE", false, 6}, {"SIZE", true, 6}, {"SEALED", false, 6}, {"PATH", false, 10}}, {}};
  for (const json& item : items) {
    table.rows.push_back({{age_in(item, "made_at", style.now)},
                          {bytes_in(item, "bytes")},
                          {member(item, "sealed") == true ? "yes" : "no"},
                          {text_in(item, "path")}});
  }
  return rendered(table, style);
}

}  // namespace carrel::cli::views
