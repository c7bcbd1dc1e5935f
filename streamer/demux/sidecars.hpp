#pragma once

#include <cstdint>
#include <span>

#include "streamer/index/film_index.hpp"
#include "streamer/protocol/open_sidecar.hpp"

namespace carrel::streamer {

/// Reads the subtitle files beside the film and appends their tracks to `index`. `origin_us`: the time of
/// these files that is zero in the index. What is none, or too large, is left out with a finding.
void append_sidecars(FilmIndex& index, std::span<const protocol::OpenSidecar> sidecars,
                     std::int64_t origin_us);

}  // namespace carrel::streamer
