#pragma once

#include <cstddef>
#include <string>

#include "base/error.hpp"

namespace carrel::streamer {

inline constexpr std::size_t kAdtsHeaderBytes = 7;
inline constexpr std::size_t kMostAdtsFrame = (1U << 13) - 1 - kAdtsHeaderBytes;

/// AAC as MPEG-TS has it: a header before each frame (ISO/IEC 13818-7 section 6.2).
struct Adts {
  unsigned profile = 0, rate_index = 0, channels = 0;
  [[nodiscard]] std::string header(std::size_t frame_bytes) const;  ///< frame_bytes ≤ kMostAdtsFrame
};

/// From an AudioSpecificConfig. ErrorKind::not_found: ADTS cannot say it.
[[nodiscard]] Result<Adts> adts_of(const std::string& config);

}  // namespace carrel::streamer
