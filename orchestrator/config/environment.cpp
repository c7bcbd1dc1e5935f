#include "orchestrator/config/environment.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "orchestrator/config/small_file.hpp"
#include "orchestrator/config/suggest.hpp"

namespace carrel::config {
namespace {

constexpr std::size_t max_value_file = 64 * 1024;
constexpr std::string_view prefix = "CARREL_";
constexpr std::string_view file_suffix = "_FILE";
constexpr std::array<std::string_view, 4> of_the_scripts{"CARREL_CACHE_DIR", "CARREL_BUILD_DIR",
                                                         "CARREL_SOURCE_DIR", "CARREL_MEDIA_DIR"};
constexpr std::array<std::string_view, 2> prefixes_of_the_scripts{"CARREL_TEST_", "CARREL_DEMO_"};

bool is_foreign(std::string_view name) {
  const auto begins = [&](std::string_view start) { return name.starts_with(start); };
  return !begins(prefix) || std::ranges::find(of_the_scripts, name) != of_the_scripts.end() ||
         std::ranges::any_of(prefixes_of_the_scripts, begins);
}

struct Named {
  const Key* key;
  bool from_file;
};

std::optional<Named> find_key(std::string_view variable) {
  for (const auto& key : keys()) {
    const std::string name = variable_of(key);
    if (variable == name) return Named{&key, false};
    if (variable.starts_with(name) && variable.substr(name.size()) == file_suffix) return Named{&key, true};
  }
  return std::nullopt;
}

Result<std::string> content_of(const std::string& file) {
  auto content = read_small_file(file, max_value_file);
  if (!content) return content;
  if (content->ends_with('\n')) content->pop_back();
  if (content->ends_with('\r')) content->pop_back();
  return content;
}

std::vector<std::string> all_variables() {
  std::vector<std::string> names;
  for (const auto& key : keys()) names.push_back(variable_of(key));
  return names;
}

}  // namespace

Settings resolve_variables(const std::vector<Setting>& variables) {
  Settings found;
  std::map<std::string_view, std::string_view> seen;  // key → the variable that set it
  for (const auto& variable : variables) {
    if (is_foreign(variable.name)) continue;
    const std::string place = variable.where + ": ";
    const auto named = find_key(variable.name);
    if (!named) {
      found.errors.push_back(place + "unknown variable " + variable.name +
                             did_you_mean(variable.name, all_variables()));
      continue;
    }
    const auto [earlier, is_first] = seen.emplace(named->key->name, variable.name);
    if (!is_first) {
      found.errors.push_back(place + variable.name + " and " + std::string(earlier->second) + " both set " +
                             std::string(named->key->name) + "; keep one");
      continue;
    }
    std::string value = variable.value.items.front();
    if (named->from_file) {
      auto content = content_of(value);
      if (!content) {
        found.errors.push_back(place + variable.name + ": " + content.error().message);
        continue;
      }
      value = std::move(*content);
    }
    found.settings.push_back(
        {std::string(named->key->name), Value{{std::move(value)}, false}, place + variable.name});
  }
  return found;
}

}  // namespace carrel::config
