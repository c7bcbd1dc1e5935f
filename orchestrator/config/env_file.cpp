#include "orchestrator/config/env_file.hpp"

#include "base/error.hpp"

namespace carrel::config {
namespace {

constexpr std::string_view blanks = " \t\r";

std::string_view trim(std::string_view text) {
  const auto begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

bool is_name(std::string_view text) {
  constexpr std::string_view allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
  return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos &&
         (text[0] < '0' || text[0] > '9');
}

Result<std::string> unquote(std::string_view text) {
  const char mark = text[0];
  std::string value;
  for (std::size_t i = 1; i < text.size(); ++i) {
    char c = text[i];
    if (c == mark) {
      const auto rest = trim(text.substr(i + 1));
      if (!rest.empty() && rest[0] != '#')
        return make_error(ErrorKind::invalid, "text after the closing quote");
      return value;
    }
    if (mark == '"' && c == '\\') {
      if (++i == text.size()) break;
      switch (text[i]) {
        case 'n': c = '\n'; break;
        case 't': c = '\t'; break;
        case '"':
        case '\\': c = text[i]; break;
        default:
          return make_error(ErrorKind::invalid, "an escape other than \\\" \\\\ \\n \\t; use single quotes");
      }
    }
    value += c;
  }
  return make_error(ErrorKind::invalid, "the closing quote is missing");
}

Result<std::string> value_of(std::string_view text) {
  if (!text.empty() && (text[0] == '"' || text[0] == '\'')) return unquote(text);
  if (!text.empty() && text[0] == '#') return std::string();
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '#' && blanks.find(text[i - 1]) != std::string_view::npos)
      return std::string(trim(text.substr(0, i)));
  }
  return std::string(text);
}

}  // namespace

Settings parse_env(std::string_view text, const std::string& file) {
  Settings found;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    std::string_view line = trim(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (line.empty() || line[0] == '#') continue;
    if (line.starts_with("export ")) line = trim(line.substr(7));

    const std::string where = file + ":" + std::to_string(number);
    const auto equals = line.find('=');
    const auto name = trim(line.substr(0, equals));
    if (equals == std::string_view::npos || !is_name(name)) {
      found.errors.push_back(where + ": expected NAME=value");
      continue;
    }
    auto value = value_of(trim(line.substr(equals + 1)));
    if (!value) {
      found.errors.push_back(where + ": " + std::string(name) + ": " + value.error().message);
      continue;
    }
    found.settings.push_back({std::string(name), Value{{std::move(*value)}, false}, where});
  }
  return found;
}

}  // namespace carrel::config
