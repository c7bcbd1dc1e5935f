#include "orchestrator/config/toml_file.hpp"

#include <toml++/toml.h>

#include <array>
#include <charconv>
#include <optional>
#include <sstream>

#include "orchestrator/config/toml_guard.hpp"

namespace carrel::config {
namespace {

std::optional<std::string> scalar(const toml::node& node) {
  if (const auto* text = node.as_string()) return unshield(text->get());
  if (const auto* number = node.as_integer()) return std::to_string(number->get());
  if (const auto* truth = node.as_boolean()) return truth->get() ? "true" : "false";
  if (const auto* number = node.as_floating_point()) {
    std::array<char, 32> digits{};
    const auto [end, code] = std::to_chars(digits.data(), digits.data() + digits.size(), number->get());
    if (code == std::errc()) return std::string(digits.data(), end);
  }
  return std::nullopt;
}

std::optional<Value> value_of(const toml::node& node) {
  if (auto text = scalar(node)) return Value{{std::move(*text)}, false};
  const auto* array = node.as_array();
  if (array == nullptr) return std::nullopt;
  Value list{{}, true};
  for (const auto& item : *array) {
    auto text = scalar(item);
    if (!text) return std::nullopt;
    list.items.push_back(std::move(*text));
  }
  return list;
}

std::string place(const std::string& file, const toml::source_region& region) {
  return file + ":" + std::to_string(region.begin.line);
}

}  // namespace

Settings parse_toml(std::string_view text, const std::string& file) {
  Settings found;
  if (const auto line = broken_header_line(text)) {
    found.errors.push_back(file + ":" + std::to_string(*line) + ": expected the name of a section after [");
    return found;
  }
  const toml::parse_result parsed = toml::parse(shield(text));
  if (!parsed) {
    std::ostringstream message;
    message << place(file, parsed.error().source()) << ": " << parsed.error().description();
    found.errors.push_back(message.str());
    return found;
  }
  const auto add = [&](const std::string& name, const toml::key& key, const toml::node& node) {
    const std::string where = place(file, key.source());
    if (auto value = value_of(node)) {
      found.settings.push_back({name, std::move(*value), where});
    } else {
      found.errors.push_back(where + ": " + name + ": write a text, a number, or a list of texts");
    }
  };
  for (const auto& [section, node] : parsed.table()) {
    const std::string section_name = unshield(section.str());
    if (const auto* keys = node.as_table()) {
      for (const auto& [key, value] : *keys) add(section_name + "." + unshield(key.str()), key, value);
    } else {
      add(section_name, section, node);
    }
  }
  return found;
}

}  // namespace carrel::config
