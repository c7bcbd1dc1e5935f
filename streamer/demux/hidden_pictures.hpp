#pragma once

#include <cstdint>
#include <vector>

#include "streamer/demux/raw_sample.hpp"
#include "streamer/index/track_info.hpp"

namespace carrel::streamer {

/// What an edit list leaves out of the picture (ISO/IEC 14496-12 section 8.6.6). Fragments have no edits, so
/// pictures that only follow in decoding order go, and those that others need to be decoded pass in a tick
/// each, between two that are shown; the track's clock is made fine enough for that. Decoding times are then
/// to be derived. Nothing changes where nothing is hidden, or all is. Returns the last sample's duration in
/// ticks, which is `last_duration` unless something was hidden.
[[nodiscard]] std::int64_t settle_hidden_pictures(std::vector<RawSample>& raw, TrackInfo& info,
                                                  std::int64_t last_duration);

}  // namespace carrel::streamer
