#pragma once

#include <cstddef>
#include <span>

#include "base/error.hpp"
#include "streamer/index/track_info.hpp"

namespace carrel::streamer {

/// The configuration of a sound track is told by its frames, not by what containers keep for the decoder.
[[nodiscard]] bool configured_by_frame(Codec codec);

/// Fills `config` and `codec_string` from the first sample of AC-3 (dac3), E-AC-3 (dec3) or DTS (ddts).
/// ErrorKind::invalid: the sample is not made of such frames as MP4 describes.
[[nodiscard]] Result<void> configure_by_frame(TrackInfo& track, std::span<const std::byte> sample);

}  // namespace carrel::streamer
