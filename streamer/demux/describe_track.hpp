#pragma once

#include <cstdint>
#include <string>

#include "streamer/demux/libav.hpp"
#include "streamer/index/track_info.hpp"

namespace carrel::streamer {

/// A track before its samples are read.
struct DescribedTrack {
  TrackInfo info;
  std::uint32_t ticks_per_unit = 1;  ///< the demuxer's unit of time is so many ticks of info.timescale
  std::uint64_t bits_per_second = 0;
  std::string name;     ///< of the codec, for people
  std::string refusal;  ///< why it cannot be offered, for people; empty: it may be
};

[[nodiscard]] DescribedTrack describe_track(const AVStream& stream);

}  // namespace carrel::streamer
