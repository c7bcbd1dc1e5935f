#include "streamer/transcode/mix.hpp"

#include <bit>

namespace carrel::streamer {
namespace {

constexpr float kMinus3dB = 0.70710678F;
constexpr float kMinus6dB = 0.5F;

constexpr std::uint64_t bit(Speaker speaker) {
  return std::uint64_t{1} << speaker;
}

/// What each speaker of a film gives to left and right.
std::array<float, 2> to_stereo(unsigned speaker) {
  switch (speaker) {
    case front_left:
    case left_of_center: return {1, 0};
    case front_right:
    case right_of_center: return {0, 1};
    case front_center: return {kMinus3dB, kMinus3dB};
    case low_frequency: return {0, 0};
    case back_left:
    case side_left: return {kMinus3dB, 0};
    case back_right:
    case side_right: return {0, kMinus3dB};
    case back_center: return {kMinus6dB, kMinus6dB};
    default: return {kMinus6dB, kMinus6dB};  // above, below, wide
  }
}

/// And to L R C LFE Ls Rs; `both`: the film has side and back.
std::array<float, 6> to_surround(unsigned speaker, bool both) {
  const float rear = both ? kMinus3dB : 1;
  switch (speaker) {
    case front_left:
    case left_of_center: return {1, 0, 0, 0, 0, 0};
    case front_right:
    case right_of_center: return {0, 1, 0, 0, 0, 0};
    case front_center: return {0, 0, 1, 0, 0, 0};
    case low_frequency: return {0, 0, 0, 1, 0, 0};
    case back_left:
    case side_left: return {0, 0, 0, 0, rear, 0};
    case back_right:
    case side_right: return {0, 0, 0, 0, 0, rear};
    case back_center: return {0, 0, 0, 0, kMinus3dB, kMinus3dB};
    default: return {0, 0, 0, 0, kMinus6dB, kMinus6dB};
  }
}

void lower_until_nothing_clips(MixMatrix& matrix) {
  float loudest = 1;
  for (const auto& row : matrix) {
    float sum = 0;
    for (const float gain : row) sum += gain;
    loudest = std::max(loudest, sum);
  }
  for (auto& row : matrix)
    for (float& gain : row) gain /= loudest;
}

}  // namespace

std::uint64_t usual_mask(std::size_t channels) {
  constexpr std::uint64_t stereo = bit(front_left) | bit(front_right);
  constexpr std::uint64_t surround = stereo | bit(front_center);
  constexpr std::uint64_t rear = bit(back_left) | bit(back_right);
  constexpr std::uint64_t side = bit(side_left) | bit(side_right);
  switch (channels) {
    case 1: return bit(front_center);
    case 2: return stereo;
    case 3: return surround;
    case 4: return stereo | rear;
    case 5: return surround | rear;
    case 6: return surround | bit(low_frequency) | rear;
    case 7: return surround | bit(low_frequency) | bit(back_center) | side;
    case 8: return surround | bit(low_frequency) | rear | side;
    default: return 0;
  }
}

MixMatrix mix_matrix(std::uint64_t mask, std::size_t channels_out) {
  const bool one = std::popcount(mask) == 1;
  const bool both =
      (mask & (bit(back_left) | bit(back_right))) != 0 && (mask & (bit(side_left) | bit(side_right))) != 0;
  MixMatrix matrix(channels_out);
  for (unsigned speaker = 0; speaker < 64; ++speaker) {
    if ((mask >> speaker & 1) == 0) continue;
    const auto stereo = to_stereo(speaker);
    const auto surround = to_surround(speaker, both);
    for (std::size_t out = 0; out < channels_out; ++out) {
      float gain = 0;
      if (channels_out == 1) {
        gain = one ? 1.0F : (stereo[0] + stereo[1]) * kMinus6dB;
      } else if (channels_out == 2) {
        gain = one ? 1.0F : stereo[out];
      } else {
        gain = surround[out];
      }
      matrix[out].push_back(gain);
    }
  }
  lower_until_nothing_clips(matrix);
  return matrix;
}

void mix(const MixMatrix& matrix, const Planes& in, Planes& out) {
  const std::size_t before = out.size();
  const std::size_t count = in.size();
  out.resize(before + count);
  for (std::size_t to = 0; to < matrix.size(); ++to) {
    float* const target = out.row(to).data() + before;
    for (std::size_t from = 0; from < matrix[to].size(); ++from) {
      const float gain = matrix[to][from];
      if (gain == 0) continue;
      const float* const source = in.row(from).data();
      for (std::size_t i = 0; i < count; ++i) target[i] += gain * source[i];
    }
  }
}

}  // namespace carrel::streamer
