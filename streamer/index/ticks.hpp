#pragma once

#include <cstdint>

namespace carrel::streamer {

/// `value` of 1/`from` seconds in 1/`to` seconds, to the nearest (halves away from zero), exact in 128 bits.
/// |value| < 2^62, 0 < from, to < 2^32; the result must fit 64 bits: |value| ≤ 2^56 and to/from < 64 is
/// enough.
[[nodiscard]] constexpr std::int64_t rescale(std::int64_t value, std::uint32_t from, std::uint32_t to) {
  __extension__ typedef __int128 Wide;
  const Wide scaled = Wide{value} * to;
  const Wide half = from / 2;
  return static_cast<std::int64_t>((scaled >= 0 ? scaled + half : scaled - half) / from);
}

/// a/a_scale < b/b_scale, exactly.
[[nodiscard]] constexpr bool earlier(std::int64_t a, std::uint32_t a_scale, std::int64_t b,
                                     std::uint32_t b_scale) {
  __extension__ typedef __int128 Wide;
  return Wide{a} * b_scale < Wide{b} * a_scale;
}

}  // namespace carrel::streamer
