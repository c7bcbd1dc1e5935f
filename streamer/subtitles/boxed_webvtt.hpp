#pragma once

#include <string_view>
#include <vector>

#include "streamer/subtitles/timed_text.hpp"

namespace carrel::streamer::subtitles {

/// The cues of one sample of WebVTT in MP4 (ISO/IEC 14496-30, `wvtt`), without times, which are the sample's.
/// Comments and what is no cue are left out.
[[nodiscard]] std::vector<TimedText> boxed_cues(std::string_view sample);

/// A cue that lasts over the next one's beginning is in several samples: adds `cue` to `cues`, or makes the
/// one that it goes on with longer.
void append_boxed(std::vector<TimedText>& cues, TimedText cue);

}  // namespace carrel::streamer::subtitles
