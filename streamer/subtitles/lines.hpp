#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Small things that every text format of subtitles needs. Pure.
namespace carrel::streamer::subtitles {

/// Lines that end with LF, CR or CRLF, without their ends.
[[nodiscard]] std::vector<std::string_view> lines_of(std::string_view text);
[[nodiscard]] std::string_view trimmed(std::string_view text);
[[nodiscard]] std::string lower(std::string_view text);  ///< of ASCII
[[nodiscard]] bool is_digits(std::string_view text);     ///< at least one, nothing else
/// What `text` begins with: an optional sign and digits; empty where there are none, bounded.
[[nodiscard]] std::optional<std::int64_t> leading_number(std::string_view text);
/// Up to `most` parts between commas; the last takes the rest.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, std::size_t most);

}  // namespace carrel::streamer::subtitles
