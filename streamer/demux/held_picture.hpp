#pragma once

#include <span>

#include "streamer/index/film_index.hpp"

namespace carrel::streamer {

/// Where a picture would end more than 0.5 s before the last of the sounds, its last sample is made to last
/// until then (TrackInfo::held). Players with Media Source Extensions play what there is both of, and take
/// the picture's playlist for the length of the film: of a lecture behind one picture they would play that
/// picture's time. A sample cannot last longer than 31 bits of ticks. Tracks without segments count for
/// nothing.
void hold_last_picture(std::span<FilmIndex::Track> tracks);

}  // namespace carrel::streamer
