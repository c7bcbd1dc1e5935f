#pragma once

#include <string>
#include <string_view>

/// UTF-8 made of outside bytes. Pure.
namespace carrel::streamer::subtitles {

inline constexpr char32_t kReplacement = 0xfffd;

void append_utf8(std::string& to, char32_t character);

/// The next character of `text`, which is not empty, and takes it away. What is no UTF-8 (RFC 3629) is
/// kReplacement, one for each wrong byte.
[[nodiscard]] char32_t take_utf8(std::string_view& text);

[[nodiscard]] bool is_utf8(std::string_view text);

/// Valid UTF-8 without control characters other than tab and line ends.
[[nodiscard]] std::string clean_utf8(std::string_view text);

}  // namespace carrel::streamer::subtitles
