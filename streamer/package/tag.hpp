#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace carrel::streamer {

/// Writes one tag with an attribute list (RFC 8216 section 4.2) and its line end into a playlist.
class TagWriter {
 public:
  TagWriter(std::string& playlist, std::string_view name);
  ~TagWriter() { playlist_ += '\n'; }
  TagWriter(const TagWriter&) = delete;
  TagWriter& operator=(const TagWriter&) = delete;

  TagWriter& number(std::string_view name, std::uint64_t value);
  /// Characters that a quoted string cannot hold (quotes, control characters) become apostrophes and spaces.
  TagWriter& quoted(std::string_view name, std::string_view value);
  /// An enumerated string, a resolution or a decimal number: written as it is.
  TagWriter& plain(std::string_view name, std::string_view value);

 private:
  void name_of(std::string_view name);

  std::string& playlist_;
  char separator_ = ':';
};

/// ticks/timescale seconds with `digits` (1 to 9) decimals, rounded to the nearest. ticks < 2^58.
[[nodiscard]] std::string decimal_seconds(std::uint64_t ticks, std::uint32_t timescale, int digits);

/// ticks/timescale seconds, rounded to the nearest.
[[nodiscard]] constexpr std::uint64_t rounded_seconds(std::uint64_t ticks, std::uint32_t timescale) {
  return (ticks + timescale / 2) / timescale;
}

}  // namespace carrel::streamer
