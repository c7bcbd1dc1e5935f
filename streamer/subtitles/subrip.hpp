#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "streamer/subtitles/timed_text.hpp"

/// SubRip, as it is found: no specification, and files made by hand. Texts are valid UTF-8.
namespace carrel::streamer::subtitles {

/// Payload and settings of the text of one subtitle: <b> <i> <u> <font color>, {\an8} and its like.
[[nodiscard]] std::pair<std::string, std::string> subrip_payload(std::string_view text);

/// A whole file. Only the lines with times are relied on: numbers may be wrong or missing, blank lines too.
[[nodiscard]] std::vector<TimedText> parse_subrip(std::string_view file);

}  // namespace carrel::streamer::subtitles
