#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "streamer/subtitles/timed_text.hpp"

/// WebVTT as found. Texts are valid UTF-8.
namespace carrel::streamer::subtitles {

/// The payload made safe: known tags and character references stay, other markup is escaped; times inside of
/// a cue (karaoke) go, for they would need moving.
[[nodiscard]] std::string clean_payload(std::string_view payload);
/// Known settings with plain values; regions go, for nothing defines them.
[[nodiscard]] std::string clean_settings(std::string_view settings);

/// A whole file. Comments, style sheets and regions are left out.
[[nodiscard]] std::vector<TimedText> parse_webvtt(std::string_view file);

}  // namespace carrel::streamer::subtitles
