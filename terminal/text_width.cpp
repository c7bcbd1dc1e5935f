#include "terminal/text_width.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace carrel::terminal {
namespace {

struct Character {
  std::string_view bytes;
  std::uint32_t code = 0;
  bool valid = false;
};

/// The next character; a byte that begins none is invalid by itself (RFC 3629).
Character take(std::string_view& text) {
  const auto first = static_cast<unsigned char>(text.front());
  std::size_t length = 1;
  std::uint32_t code = first;
  std::uint32_t least = 0;
  if (first >= 0xC2 && first < 0xE0) {
    length = 2, code = first & 0x1FU, least = 0x80;
  } else if (first >= 0xE0 && first < 0xF0) {
    length = 3, code = first & 0x0FU, least = 0x800;
  } else if (first >= 0xF0 && first < 0xF5) {
    length = 4, code = first & 0x07U, least = 0x10000;
  }
  bool valid = first < 0x80 || length > 1;
  valid = valid && text.size() >= length;
  for (std::size_t i = 1; valid && i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    valid = (next & 0xC0U) == 0x80;
    code = (code << 6U) | (next & 0x3FU);
  }
  valid = valid && code >= least && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
  Character character{text.substr(0, valid ? length : 1), code, valid};
  text.remove_prefix(character.bytes.size());
  return character;
}

bool moves_or_hides(std::uint32_t code) {
  const bool control = code < 0x20 || (code >= 0x7F && code < 0xA0);
  const bool direction = (code >= 0x200B && code <= 0x200F) || (code >= 0x2028 && code <= 0x202E) ||
                         (code >= 0x2060 && code <= 0x206F) || code == 0xFEFF;
  return control || direction;
}

std::size_t columns_of(std::uint32_t code) {
  // Unicode's EastAsianWidth.txt, classes W and F, in broad ranges.
  constexpr std::array<std::pair<std::uint32_t, std::uint32_t>, 8> kWide{{{0x1100, 0x115F},
                                                                          {0x2E80, 0xA4CF},
                                                                          {0xAC00, 0xD7A3},
                                                                          {0xF900, 0xFAFF},
                                                                          {0xFE30, 0xFE6F},
                                                                          {0xFF00, 0xFF60},
                                                                          {0x1F300, 0x1FAFF},
                                                                          {0x20000, 0x3FFFD}}};
  const bool wide = std::ranges::any_of(
      kWide, [code](const auto& range) { return code >= range.first && code <= range.second; });
  const bool combining = code >= 0x300 && code <= 0x36F;
  return combining ? 0 : wide ? 2 : 1;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string safe;
  while (!text.empty()) {
    const Character character = take(text);
    if (character.valid && !moves_or_hides(character.code)) {
      safe += character.bytes;
    } else {
      safe += '?';
    }
  }
  return safe;
}

std::size_t width_of(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) width += columns_of(take(text).code);
  return width;
}

std::string clipped(std::string_view text, std::size_t width) {
  if (width_of(text) <= width) return std::string(text);
  if (width == 0) return {};
  std::string kept;
  std::size_t used = 0;
  while (!text.empty()) {
    const Character character = take(text);
    const std::size_t columns = columns_of(character.code);
    if (used + columns > width - 1) break;
    kept += character.bytes;
    used += columns;
  }
  return kept + "…";
}

}  // namespace carrel::terminal
