#pragma once

#include <set>
#include <vector>

#include "streamer/demux/libav.hpp"
#include "streamer/index/film_index.hpp"

namespace carrel::streamer {

/// The film's chapters on the timeline of `index`, whose origin and duration are known; by start, one at a
/// time, at most kMaxChapters. `hidden`: numbers of those that are left out.
[[nodiscard]] std::vector<FilmIndex::Chapter> chapters_of(const AVFormatContext& format,
                                                          const FilmIndex& index,
                                                          const std::set<std::uint64_t>& hidden);

}  // namespace carrel::streamer
