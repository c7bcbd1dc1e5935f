#include "streamer/transcode/silent_frame.hpp"

#include <cstdint>

#include "base/bit_writer.hpp"

namespace carrel::streamer {
namespace {

/// ISO/IEC 14496-3 table 4.50: no gain, one long window, no scale factor band, no tool.
void silent_channel(BitWriter& bits) {
  bits.put(0, 8).put(0, 1 + 2 + 1).put(0, 6 + 1).put(0, 3);
}

}  // namespace

std::string silent_aac_frame(std::size_t channels) {
  constexpr std::uint32_t single = 0, pair = 1, low_frequency = 3, end = 7;
  BitWriter bits;
  std::uint32_t pairs = 0;
  if (channels != 2) {
    bits.put(single, 3).put(0, 4);
    silent_channel(bits);
  }
  for (std::size_t left = channels == 6 ? 4 : channels; left >= 2; left -= 2) {
    bits.put(pair, 3).put(pairs++, 4).put(0, 1);
    silent_channel(bits);
    silent_channel(bits);
  }
  if (channels == 6) {
    bits.put(low_frequency, 3).put(0, 4);
    silent_channel(bits);
  }
  return bits.put(end, 3).take();
}

}  // namespace carrel::streamer
