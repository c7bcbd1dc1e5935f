#include "terminal/units.hpp"

#include <array>
#include <cstdio>

namespace carrel::terminal {
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

}  // namespace carrel::terminal
