#pragma once

#include <vector>

#include "streamer/demux/collector.hpp"
#include "streamer/index/film_index.hpp"

namespace carrel::streamer {

/// From collected samples to the tracks of an index: times, one common shift so that nothing is decoded
/// before zero, the origin, segments. `collectors` and the index's tracks go together; a refused collector
/// leaves its track without samples. A track whose times do not hold becomes refused.
void assemble(std::vector<std::unique_ptr<Collector>>& collectors, bool stores_dts, FilmIndex& index);

}  // namespace carrel::streamer
