#include "streamer/package/segment_size.hpp"

#include <limits>

namespace carrel::streamer {
namespace {

constexpr std::uint32_t kBox = 8;
constexpr std::uint32_t kFullBox = 12;
constexpr std::uint32_t kMfhd = kFullBox + 4;
constexpr std::uint32_t kTfhd = kFullBox + 4;
constexpr std::uint32_t kTfdt = kFullBox + 8;
constexpr std::uint32_t kTrun = kFullBox + 8;  // sample count and data offset
constexpr std::uint32_t kMoof = kBox + kMfhd + kBox + kTfhd + kTfdt;

}  // namespace

std::uint32_t run_entry_bytes(const TrackInfo& track) {
  constexpr std::uint32_t duration_and_size = 8, flags = 4, composition = 4;
  return duration_and_size + (track.kind == MediaKind::video ? flags : 0) +
         (track.reordered ? composition : 0);
}

std::uint64_t moof_bytes(const TrackInfo& track, const SegmentRecord& segment) {
  return kMoof + std::uint64_t{segment.runs} * kTrun +
         std::uint64_t{segment.sample_count} * run_entry_bytes(track);
}

std::uint32_t mdat_header_bytes(const SegmentRecord& segment) {
  return segment.mdat_bytes + kBox > std::numeric_limits<std::uint32_t>::max() ? 16 : 8;
}

std::uint64_t segment_bytes(const TrackInfo& track, const SegmentRecord& segment) {
  return moof_bytes(track, segment) + mdat_header_bytes(segment) + segment.mdat_bytes;
}

}  // namespace carrel::streamer
