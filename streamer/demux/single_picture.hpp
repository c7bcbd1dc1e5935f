#pragma once

#include <cstdint>
#include <vector>

#include "streamer/index/format.hpp"

namespace carrel::streamer {

/// A film's only picture, with a lecture behind it, say: is made to come again every second, for `length`
/// ticks or as long as it lasts by itself. Players with Media Source Extensions take the picture's playlist
/// for the length of the film, and their decoders want more than one frame before they show any. What lasts
/// less than 1.5 s or more than a day stays as it is.
void repeat_single_picture(std::vector<SampleRecord>& samples, std::uint32_t timescale, std::int64_t length);

}  // namespace carrel::streamer
