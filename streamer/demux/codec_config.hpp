#pragma once

#include <string>

#include "base/error.hpp"
#include "streamer/index/track_info.hpp"

namespace carrel::streamer {

/// Fills `config` and `codec_string` of a track whose codec, rate and channels are known, from what the
/// container keeps for the decoder. VP9 has nothing there: its samples tell (Bitstream::complete).
/// ErrorKind::invalid, with a reason for people: missing, damaged, or in a form that cannot be sent
/// unchanged.
[[nodiscard]] Result<void> configure_codec(TrackInfo& track, const std::string& extradata);

}  // namespace carrel::streamer
