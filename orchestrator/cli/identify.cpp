#include "orchestrator/cli/identify.hpp"

#include <algorithm>

#include "orchestrator/cli/format.hpp"
#include "orchestrator/config/suggest.hpp"

namespace carrel::cli {

using nlohmann::json;

namespace {

constexpr std::size_t kShortest = 8;
constexpr std::size_t kNamed = 5;

std::vector<std::string> ids_of(const json& items) {
  std::vector<std::string> ids;
  for (const json& item : items) ids.push_back(text_in(item, "id"));
  return ids;
}

std::size_t common_prefix(std::string_view a, std::string_view b) {
  const auto [in_a, in_b] = std::ranges::mismatch(a, b);
  return static_cast<std::size_t>(in_a - a.begin());
}

}  // namespace

Answer<std::string> identify(const json& items, std::string_view given, std::string_view kind,
                             std::string_view list_command) {
  const auto ids = ids_of(items);
  if (std::ranges::find(ids, given) != ids.end()) return std::string(given);
  std::vector<std::string> matches;
  for (const auto& id : ids) {
    if (!given.empty() && id.starts_with(given)) matches.push_back(id);
  }
  if (matches.size() == 1) return matches.front();
  const std::string name(kind);
  const std::string shown(given);
  if (matches.empty()) {
    return fail(ExitCode::not_found, "there is no " + name + " " + shown +
                                         config::did_you_mean(given, shortened(ids)) + "\ncarrelctl " +
                                         std::string(list_command) + " lists what there is");
  }
  std::string message = shown + " is the beginning of " + std::to_string(matches.size()) + " ids:";
  for (std::size_t i = 0; i < matches.size() && i < kNamed; ++i) message += "\n  " + matches[i];
  if (matches.size() > kNamed) message += "\n  …";
  return fail(ExitCode::usage, message + "\ntype more of it");
}

std::vector<std::string> shortened(const std::vector<std::string>& ids) {
  std::vector<std::string> sorted = ids;
  std::ranges::sort(sorted);
  std::vector<std::string> result;
  for (const auto& id : ids) {
    const auto place = std::ranges::lower_bound(sorted, id);
    std::size_t length = kShortest;
    if (place != sorted.begin()) length = std::max(length, common_prefix(id, *std::prev(place)) + 1);
    if (std::next(place) != sorted.end()) length = std::max(length, common_prefix(id, *std::next(place)) + 1);
    result.push_back(id.substr(0, length));
  }
  return result;
}

std::vector<std::string> short_ids(const json& items) {
  return shortened(ids_of(items));
}

}  // namespace carrel::cli
