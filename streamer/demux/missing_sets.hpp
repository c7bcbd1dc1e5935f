#pragma once

#include "streamer/demux/film_reader.hpp"
#include "streamer/demux/libav.hpp"

namespace carrel::streamer {

/// An MP4 may have the parameter sets of H.264 and HEVC in the samples alone (avc3, hev1): those of the first
/// sample at which a decoder may begin are put into the stream's parameters, as if they stood there.
void add_missing_sets(const AVFormatContext& format, FilmReader& film);

}  // namespace carrel::streamer
