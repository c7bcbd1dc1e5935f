#include "orchestrator/library/title.hpp"

#include <algorithm>
#include <cstddef>

namespace carrel::library {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// Length of the valid UTF-8 sequence that `text` begins with, 0 when it is none (RFC 3629).
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const auto continues = [&](std::size_t at) { return at < text.size() && (byte(at) & 0xC0) == 0x80; };
  const unsigned char lead = byte(0);
  if (lead < 0x20 || lead == 0x7F) return 0;
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF && continues(1)) return 2;
  if ((lead & 0xF0) == 0xE0 && continues(1) && continues(2)) {
    const bool overlong = lead == 0xE0 && byte(1) < 0xA0;
    const bool surrogate = lead == 0xED && byte(1) >= 0xA0;
    return overlong || surrogate ? 0 : 3;
  }
  if (lead >= 0xF0 && lead <= 0xF4 && continues(1) && continues(2) && continues(3)) {
    const bool overlong = lead == 0xF0 && byte(1) < 0x90;
    const bool beyond = lead == 0xF4 && byte(1) > 0x8F;
    return overlong || beyond ? 0 : 4;
  }
  return 0;
}

std::string make_valid(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    result += length == 0 ? kReplacement : text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return result;
}

}  // namespace

bool is_plain(std::string_view text) {
  return std::ranges::none_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

std::string extension_of(std::string_view file_name) {
  const auto dot = file_name.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return {};
  std::string extension(file_name.substr(dot + 1));
  std::ranges::transform(extension, extension.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return extension;
}

std::string title_from(std::string_view file_name) {
  std::string_view stem = file_name;
  if (const auto dot = file_name.rfind('.'); dot != std::string_view::npos && dot != 0)
    stem = file_name.substr(0, dot);
  std::string title = make_valid(stem);
  // Dots stand for spaces only where nobody used spaces: "Dr. Who.mkv" keeps its own.
  const bool dotted = title.find(' ') == std::string::npos;
  std::ranges::replace_if(
      title, [&](char c) { return c == '_' || (dotted && c == '.'); }, ' ');
  const auto first = title.find_first_not_of(' ');
  if (first == std::string::npos) return make_valid(file_name);
  const auto last = title.find_last_not_of(' ');
  return title.substr(first, last - first + 1);
}

}  // namespace carrel::library
