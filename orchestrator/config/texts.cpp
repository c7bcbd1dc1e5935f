#include "orchestrator/config/texts.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include "orchestrator/config/suggest.hpp"
#include "orchestrator/config/values.hpp"

namespace carrel::config {
namespace {

constexpr std::string_view letters_and_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// With one of these before all, nobody could tell whether a proxy took it off.
// What events are called by; tests/lint holds it against them.
constexpr std::array<std::string_view, 29> log_parts{
    "accounts", "admin",   "audit",  "bug",   "cgroup",  "daemon",  "engine",   "holder",   "http", "job",
    "jobs",     "library", "listen", "log",   "machine", "picture", "pictures", "plan",     "pool", "reload",
    "sandbox",  "socket",  "stream", "sweep", "tls",     "upgrade", "variant",  "variants", "video"};

constexpr std::array<std::string_view, 9> own_paths{"api",    "stream",  "watch",   "login", "livez",
                                                    "readyz", "healthz", "metrics", "assets"};

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

std::vector<std::string> split_at(char separator, std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto end = std::min(text.find(separator), text.size());
    if (end > 0) parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

/// The items of a list, which in a variable are separated by commas, and blanks as people write them.
std::vector<std::string> listed(const Value& value) {
  if (value.is_list) return value.items;
  std::vector<std::string> items = split_at(',', value.items.front());
  for (std::string& item : items) {
    item.erase(0, item.find_first_not_of(' '));
    item.erase(item.find_last_not_of(' ') + 1);
  }
  return items;
}

}  // namespace

Result<std::string> single(const Value& value) {
  if (value.is_list) return make_error(ErrorKind::invalid, "a list is not allowed here, only one value");
  return value.items.front();
}

Result<std::string> check_text(std::string text, std::size_t low, std::size_t high, bool secret) {
  const std::string shown = secret ? "the value" : quote(text);
  if (text.size() < low || text.size() > high) {
    return make_error(ErrorKind::invalid, shown + " has " + std::to_string(text.size()) + " bytes, not " +
                                              std::to_string(low) + " to " + std::to_string(high));
  }
  if (std::ranges::any_of(text, is_control)) {
    return make_error(ErrorKind::invalid, shown + " holds a control character");
  }
  return text;
}

Result<std::string> check_name(std::string text, std::size_t high, std::string_view others) {
  auto checked = check_text(std::move(text), 1, high, false);
  if (!checked) return checked;
  if (checked->find_first_not_of(std::string(letters_and_digits).append(others)) != std::string::npos) {
    return make_error(ErrorKind::invalid,
                      quote(*checked) + " may hold letters, digits and " + std::string(others) + " only");
  }
  return checked;
}

Result<std::vector<std::filesystem::path>> check_paths(const Value& value) {
  std::vector<std::filesystem::path> paths;
  for (auto& item : value.is_list ? value.items : split_at(':', value.items.front())) {
    auto path = check_text(item, 1, max_path, false);
    if (!path) return path.error();
    paths.emplace_back(*path);
  }
  return paths;
}

Result<std::vector<std::string>> check_names(const Value& value,
                                             const std::vector<std::string_view>& choices) {
  std::vector<std::string> names;
  for (auto& item : listed(value)) {
    auto name = check_choice(item, choices);
    if (!name) return name.error();
    if (std::ranges::find(names, *name) == names.end()) names.push_back(std::move(*name));
  }
  return names;
}

Result<std::string> check_choice(std::string text, const std::vector<std::string_view>& choices) {
  if (std::ranges::find(choices, text) != choices.end()) return text;
  std::string listed;
  for (const auto choice : choices) listed += (listed.empty() ? "" : ", ") + std::string(choice);
  return make_error(ErrorKind::invalid, quote(text) + " is not one of " + listed);
}

Result<std::vector<Network>> check_networks(const Value& value) {
  std::vector<Network> networks;
  for (const auto& item : listed(value)) {
    auto network = parse_network(item);
    if (!network) return network.error();
    networks.push_back(*network);
  }
  return networks;
}

Result<std::vector<std::string>> check_part_levels(const Value& value) {
  std::vector<std::string> levels;
  std::set<std::string> seen;
  for (const auto& item : listed(value)) {
    const auto equals = item.find('=');
    auto part = check_name(item.substr(0, equals), 64, "_");
    if (!part) return part.error();
    if (equals == std::string::npos) {
      return make_error(ErrorKind::invalid, quote(item) + " is not PART=LEVEL, such as sandbox=debug");
    }
    if (std::ranges::find(log_parts, *part) == log_parts.end()) {
      const std::vector<std::string> parts(log_parts.begin(), log_parts.end());
      return make_error(ErrorKind::invalid,
                        "no event's name begins with " + quote(*part) + did_you_mean(*part, parts));
    }
    if (!seen.insert(*part).second) return make_error(ErrorKind::invalid, quote(*part) + " has two levels");
    auto level = check_choice(item.substr(equals + 1), {"debug", "info", "warn", "error"});
    if (!level) return level.error();
    levels.push_back(item);
  }
  return levels;
}

Result<std::string> check_base_path(std::string text) {
  while (text.ends_with('/')) text.pop_back();
  if (text.empty()) return text;
  auto checked = check_name(std::move(text), 256, "-_./");
  if (!checked) return checked;
  const bool plain = checked->starts_with('/') && checked->find("//") == std::string::npos &&
                     checked->find("/.") == std::string::npos;
  if (!plain) return make_error(ErrorKind::invalid, quote(*checked) + " is not a path such as /carrel");
  const std::string first = checked->substr(1, checked->find('/', 1) - 1);
  if (std::ranges::find(own_paths, first) != own_paths.end()) {
    return make_error(ErrorKind::invalid,
                      quote(*checked) + " begins as paths of Carrel's own do; take another, such as /carrel");
  }
  return checked;
}

}  // namespace carrel::config
