#pragma once

#include <vector>

#include "streamer/demux/libav.hpp"
#include "streamer/index/film_index.hpp"

namespace carrel::streamer {

/// The film's chapters on the timeline of `index`, whose origin and duration are known; by start, one at a
/// time, at most kMaxChapters.
[[nodiscard]] std::vector<FilmIndex::Chapter> chapters_of(const AVFormatContext& format,
                                                          const FilmIndex& index);

}  // namespace carrel::streamer
