#include "base/escape.hpp"

#include <charconv>
#include <cstddef>
#include <system_error>

namespace carrel {
namespace {

constexpr std::string_view kUnreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

template <typename Stays>
std::string escaped(std::string_view text, std::string_view mark, Stays stays) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string safe;
  safe.reserve(text.size());
  for (const char c : text) {
    if (stays(c)) {
      safe += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    safe += mark;
    safe += kHex[byte >> 4U];
    safe += kHex[byte & 15U];
  }
  return safe;
}

}  // namespace

std::string percent_encoded(std::string_view text) {
  return escaped(text, "%", [](char c) { return kUnreserved.find(c) != std::string_view::npos; });
}

std::string percent_decoded(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      unsigned char byte = 0;
      const char* end = text.data() + i + 3;
      const auto read = std::from_chars(text.data() + i + 1, end, byte, 16);
      if (read.ec == std::errc() && read.ptr == end) {
        decoded += static_cast<char>(byte);
        i += 2;
        continue;
      }
    }
    decoded += text[i];
  }
  return decoded;
}

std::string printable(std::string_view text) {
  return escaped(text, "\\x", [](char c) { return c == '\n' || c == '\t' || (c >= ' ' && c <= '~'); });
}

}  // namespace carrel
