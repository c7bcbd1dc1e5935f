#include "orchestrator/cli/format.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <ctime>

namespace carrel::cli {

using nlohmann::json;

namespace {

std::string trimmed_number(double value) {
  std::array<char, 32> text{};
  const int length = std::snprintf(text.data(), text.size(), value < 10 ? "%.1f" : "%.0f", value);
  std::string number(text.data(), static_cast<std::size_t>(length));
  if (number.ends_with(".0")) number.resize(number.size() - 2);
  return number;
}

}  // namespace

std::string bytes_text(double bytes) {
  constexpr std::array<const char*, 6> kUnits{"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  std::size_t unit = 0;
  while (bytes >= 1023.5 && unit + 1 < kUnits.size()) {
    bytes /= 1024;
    ++unit;
  }
  return trimmed_number(bytes) + " " + kUnits[unit];
}

std::string duration_text(std::int64_t seconds) {
  struct Unit {
    std::int64_t seconds;
    const char* name;
  };
  constexpr std::array<Unit, 4> kUnits{{{86400, "d"}, {3600, "h"}, {60, "m"}, {1, "s"}}};
  if (seconds < 1) return "0s";
  for (std::size_t i = 0; i < kUnits.size(); ++i) {
    if (seconds < kUnits[i].seconds) continue;
    std::string text = std::to_string(seconds / kUnits[i].seconds) + kUnits[i].name;
    const std::int64_t rest = seconds % kUnits[i].seconds;
    if (i + 1 < kUnits.size() && rest >= kUnits[i + 1].seconds) {
      text += " " + std::to_string(rest / kUnits[i + 1].seconds) + kUnits[i + 1].name;
    }
    return text;
  }
  return "0s";
}

std::string age_text(std::int64_t at, std::int64_t now) {
  if (at == now) return "now";
  return at < now ? duration_text(now - at) + " ago" : "in " + duration_text(at - now);
}

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
