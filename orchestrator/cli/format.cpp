#include "orchestrator/cli/format.hpp"

#include <ctime>

namespace carrel::cli {

using nlohmann::json;

std::optional<std::int64_t> time_in(const json& value) {
  if (value.is_number()) return static_cast<std::int64_t>(value.get<double>());
  if (!value.is_string()) return std::nullopt;
  std::tm parts{};
  const char* rest = ::strptime(value.get_ref<const std::string&>().c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (rest == nullptr) return std::nullopt;
  return ::timegm(&parts);
}

const json& member(const json& object, std::string_view name) {
  static const json kNull;
  if (!object.is_object()) return kNull;
  const auto found = object.find(name);
  return found == object.end() ? kNull : *found;
}

std::string text_in(const json& object, std::string_view name) {
  const json& value = member(object, name);
  if (value.is_null()) return kNothing;
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (!value.is_string()) return value.dump();
  const auto& text = value.get_ref<const std::string&>();
  return text.empty() ? kNothing : text;
}

std::string bytes_in(const json& object, std::string_view name) {
  const json& value = member(object, name);
  return value.is_number() ? bytes_text(value.get<double>()) : kNothing;
}

std::string seconds_in(const json& object, std::string_view name) {
  const json& value = member(object, name);
  return value.is_number() ? duration_text(static_cast<std::int64_t>(value.get<double>())) : kNothing;
}

std::string age_in(const json& object, std::string_view name, std::int64_t now) {
  const auto at = time_in(member(object, name));
  return at ? age_text(*at, now) : kNothing;
}

const json& items_in(const json& answer) {
  static const json kEmpty = json::array();
  const json& items = member(answer, "items");
  return items.is_array() ? items : kEmpty;
}

}  // namespace carrel::cli
