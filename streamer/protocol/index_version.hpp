#pragma once

#include <array>
#include <cstdint>

/// What an index begins with. The daemon looks no further: the rest (streamer/index/format.hpp) is for its sandboxes.
namespace carrel::streamer {

inline constexpr std::array<char, 8> kIndexMagic{'C', 'A', 'R', 'R', 'E', 'L', 'I', 'X'};
inline constexpr std::uint32_t kIndexVersion = 6;

/// Whether the file begins as an index that this build's sandboxes read. False: another Carrel left it, it is
/// none, or it cannot be read.
[[nodiscard]] bool is_of_this_version(int index);

}  // namespace carrel::streamer
