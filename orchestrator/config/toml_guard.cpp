#include "orchestrator/config/toml_guard.hpp"

#include <algorithm>

namespace carrel::config {
namespace {

constexpr std::string_view digits = "0123456789ABCDEF";

bool needs_shield(char c) {
  return static_cast<unsigned char>(c) > 0x7f || c == '{' || c == '}' || c == '%';
}

bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         c == '"' || c == '\'';
}

}  // namespace

std::string shield(std::string_view text) {
  std::string shielded;
  shielded.reserve(text.size());
  for (const char c : text) {
    if (!needs_shield(c)) {
      shielded += c;
      continue;
    }
    shielded += '%';
    shielded += digits[static_cast<unsigned char>(c) >> 4];
    shielded += digits[static_cast<unsigned char>(c) & 0x0f];
  }
  return shielded;
}

std::string unshield(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto high =
        text[i] == '%' && i + 2 < text.size() ? digits.find(text[i + 1]) : std::string_view::npos;
    const auto low = high != std::string_view::npos ? digits.find(text[i + 2]) : std::string_view::npos;
    if (low == std::string_view::npos) {
      plain += text[i];
      continue;
    }
    plain += static_cast<char>(high << 4 | low);
    i += 2;
  }
  return plain;
}

std::optional<std::size_t> broken_header_line(std::string_view text) {
  for (std::size_t number = 1; !text.empty(); ++number) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (!line.starts_with('[')) continue;
    line.remove_prefix(line.starts_with("[[") ? 2 : 1);
    const auto name = line.find_first_not_of(" \t");
    if (name == std::string_view::npos || (!begins_name(line[name]) && line[name] != ']')) return number;
  }
  return std::nullopt;
}

}  // namespace carrel::config
