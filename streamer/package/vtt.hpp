#pragma once

#include <string>
#include <string_view>

#include "streamer/index/view.hpp"

/// WebVTT as text. The index is not trusted: what would break a file is made harmless once more.
namespace carrel::streamer {

inline constexpr const char* kVttType = "text/vtt; charset=utf-8";
inline constexpr std::string_view kVttHeader = "WEBVTT\n";

/// An empty line, the cue's times and settings, its text.
void append_cue(std::string& text, const IndexView& index, const CueRecord& cue);
void append_cue(std::string& text, std::uint64_t start_us, std::uint64_t end_us, std::string_view settings,
                std::string_view payload);

}  // namespace carrel::streamer
