#include "streamer/package/tag.hpp"

namespace carrel::streamer {

TagWriter::TagWriter(std::string& playlist, std::string_view name) : playlist_(playlist) {
  playlist_ += '#';
  playlist_ += name;
}

void TagWriter::name_of(std::string_view name) {
  playlist_ += separator_;
  separator_ = ',';
  playlist_ += name;
  playlist_ += '=';
}

TagWriter& TagWriter::number(std::string_view name, std::uint64_t value) {
  return plain(name, std::to_string(value));
}

TagWriter& TagWriter::plain(std::string_view name, std::string_view value) {
  name_of(name);
  playlist_ += value;
  return *this;
}

TagWriter& TagWriter::quoted(std::string_view name, std::string_view value) {
  name_of(name);
  playlist_ += '"';
  for (const char c : value) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '"') {
      playlist_ += '\'';
    } else {
      playlist_ += code < 0x20 || code == 0x7f ? ' ' : c;
    }
  }
  playlist_ += '"';
  return *this;
}

std::string decimal_seconds(std::uint64_t ticks, std::uint32_t timescale, int digits) {
  std::uint64_t unit = 1;
  for (int i = 0; i < digits; ++i) unit *= 10;
  std::uint64_t whole = ticks / timescale;
  std::uint64_t fraction = ((ticks % timescale) * unit + timescale / 2) / timescale;
  if (fraction == unit) {
    ++whole;
    fraction = 0;
  }
  const std::string text = std::to_string(fraction);
  return std::to_string(whole) + '.' + std::string(static_cast<std::size_t>(digits) - text.size(), '0') +
         text;
}

}  // namespace carrel::streamer
