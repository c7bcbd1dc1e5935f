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

/// What players assume where a codec string does not tell of colours (AV1, VP9): BT.709 in limited range. To
/// say so of a film that tells nothing is not wrong.
[[nodiscard]] bool is_assumed(const Colour& colour);

}  // namespace carrel::streamer
