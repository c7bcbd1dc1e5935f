#pragma once

#include <cstdint>

#include "streamer/index/format.hpp"
#include "streamer/index/track_info.hpp"

/// How many bytes a segment has, without making it. The writer of segments uses the same figures.
namespace carrel::streamer {

/// Per sample in `trun`: duration and size; for video flags; where samples are reordered the composition
/// offset.
[[nodiscard]] std::uint32_t run_entry_bytes(const TrackInfo& track);
[[nodiscard]] std::uint64_t moof_bytes(const TrackInfo& track, const SegmentRecord& segment);
/// 16 where the bytes of `mdat` need a 64-bit box size, else 8.
[[nodiscard]] std::uint32_t mdat_header_bytes(const SegmentRecord& segment);
[[nodiscard]] std::uint64_t segment_bytes(const TrackInfo& track, const SegmentRecord& segment);

}  // namespace carrel::streamer
