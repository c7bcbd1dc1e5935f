#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "streamer/index/film_index.hpp"

namespace carrel::streamer::subtitles {

/// A cue before it is put on the film's timeline: its source's own times.
struct TimedText {
  std::int64_t start_us = 0, end_us = 0;
  std::string text, settings;
  std::int64_t layer = 0;  ///< of those with one start the lower comes first
};

/// Cues of an index: `origin_us` (the source's time that is zero in the film) taken away, sorted, without
/// what is over before zero, shows nothing or is there twice; at most kMaxCues and a bounded count of bytes.
[[nodiscard]] std::vector<FilmIndex::Cue> place_cues(std::vector<TimedText> texts, std::int64_t origin_us);

}  // namespace carrel::streamer::subtitles
