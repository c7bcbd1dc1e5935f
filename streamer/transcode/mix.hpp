#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "streamer/transcode/planes.hpp"

/// From the loudspeakers of a film to those of a rendition. Pure.
namespace carrel::streamer {

/// Bits of a channel mask, as WAVEFORMATEXTENSIBLE and libav have them; channels come in the order of bits.
enum Speaker : unsigned {
  front_left = 0,
  front_right = 1,
  front_center = 2,
  low_frequency = 3,
  back_left = 4,
  back_right = 5,
  left_of_center = 6,
  right_of_center = 7,
  back_center = 8,
  side_left = 9,
  side_right = 10,
};

/// rows[out][in]
using MixMatrix = std::vector<std::vector<float>>;

/// The mask that is meant where a film only counts its channels (1 to 8; 0 for others).
[[nodiscard]] std::uint64_t usual_mask(std::size_t channels);

/// To 1, 2 or 6 channels (in the order of AAC's 5.1: L R C LFE Ls Rs). Centre and surrounds go to the front
/// at -3 dB, low frequencies stay out of stereo, and all is lowered together so that nothing can clip
/// (ITU-R BS.775-3 annex 4).
[[nodiscard]] MixMatrix mix_matrix(std::uint64_t mask, std::size_t channels_out);

/// Appends the mixed samples of `in` to `out`.
void mix(const MixMatrix& matrix, const Planes& in, Planes& out);

}  // namespace carrel::streamer
