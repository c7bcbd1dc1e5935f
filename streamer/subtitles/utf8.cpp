#include "streamer/subtitles/utf8.hpp"

namespace carrel::streamer::subtitles {
namespace {

unsigned byte_at(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

struct Decoded {
  char32_t character = kReplacement;
  std::size_t bytes = 1;
  bool valid = false;
};

Decoded decode(std::string_view text) {
  const unsigned lead = byte_at(text, 0);
  if (lead < 0x80) return {lead, 1, true};
  const std::size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < bytes) return {};
  char32_t character = lead & (0x7fU >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte_at(text, i) & 0xc0U) != 0x80) return {};
    character = character << 6U | (byte_at(text, i) & 0x3fU);
  }
  const char32_t least = bytes == 4 ? 0x10000 : bytes == 3 ? 0x800 : 0x80;
  const bool surrogate = character >= 0xd800 && character <= 0xdfff;
  if (character < least || character > 0x10ffff || surrogate) return {};
  return {character, bytes, true};
}

}  // namespace

void append_utf8(std::string& to, char32_t character) {
  const auto put = [&](char32_t byte) { to += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (character < 0x80) return put(character);
  if (character < 0x800) {
    put(0xc0 | character >> 6U);
    return put(0x80 | (character & 0x3f));
  }
  if (character < 0x10000) {
    put(0xe0 | character >> 12U);
  } else {
    put(0xf0 | character >> 18U);
    put(0x80 | (character >> 12U & 0x3f));
  }
  put(0x80 | (character >> 6U & 0x3f));
  put(0x80 | (character & 0x3f));
}

char32_t take_utf8(std::string_view& text) {
  const Decoded next = decode(text);
  text.remove_prefix(next.bytes);
  return next.character;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const Decoded next = decode(text);
    if (!next.valid) return false;
    text.remove_prefix(next.bytes);
  }
  return true;
}

std::string clean_utf8(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  while (!text.empty()) {
    const char32_t next = take_utf8(text);
    const bool control = (next < 0x20 && next != '\t' && next != '\n' && next != '\r') || next == 0x7f;
    if (!control) append_utf8(clean, next);
  }
  return clean;
}

}  // namespace carrel::streamer::subtitles
