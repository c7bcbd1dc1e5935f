#include "orchestrator/config/toml_guard.hpp"

#include <algorithm>

namespace carrel::config {
namespace {

bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         c == '"' || c == '\'';
}

/// `line` from its first '[' on. An empty name, "[]", toml++ does refuse.
bool is_sound_header(std::string_view line) {
  line.remove_prefix(line.starts_with("[[") ? 2 : 1);
  const auto name = line.find_first_not_of(" \t");
  return name != std::string_view::npos && (begins_name(line[name]) || line[name] == ']');
}

/// The string that begins at the front of `text`, quotes included; when it is not closed, the rest of its
/// line or text.
std::string_view string_at_front(std::string_view text) {
  const char mark = text[0];
  const std::string triple(3, mark);
  const bool multi_line = text.starts_with(triple);
  const std::string_view closing = std::string_view(triple).substr(0, multi_line ? 3 : 1);
  for (std::size_t i = closing.size(); i < text.size(); ++i) {
    if (text[i] == '\n' && !multi_line) return text.substr(0, i);
    if (text[i] == '\\' && mark == '"') {
      ++i;
    } else if (text.substr(i).starts_with(closing)) {
      return text.substr(0, i + closing.size());
    }
  }
  return text;
}

}  // namespace

std::optional<TomlFlaw> find_flaw(std::string_view text) {
  std::size_t line = 1;
  bool at_begin = true;  // of a line, but for blanks
  while (!text.empty()) {
    const char c = text[0];
    std::string_view token = text.substr(0, 1);
    if (c == '#') {
      token = text.substr(0, text.find('\n'));
    } else if (c == '"' || c == '\'') {
      token = string_at_front(text);
    } else if (c == '[' && at_begin && !is_sound_header(text.substr(0, text.find('\n')))) {
      return TomlFlaw{line, "expected the name of a section after ["};
    } else if (static_cast<unsigned char>(c) > 0x7f) {
      return TomlFlaw{line, "a character that is only allowed in quotes and comments"};
    }
    at_begin = c == '\n' || (at_begin && (c == ' ' || c == '\t'));
    line += static_cast<std::size_t>(std::ranges::count(token, '\n'));
    text.remove_prefix(token.size());
  }
  return std::nullopt;
}

}  // namespace carrel::config
