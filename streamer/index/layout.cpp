#include "streamer/index/layout.hpp"

#include <limits>

namespace carrel::streamer {

bool adjoins(const SampleRecord& last, const SampleRecord& next) {
  return last.offset + last.size == next.offset;
}

SegmentLayout layout_of(std::span<const SampleRecord> samples) {
  std::uint64_t bytes = 0;
  std::uint64_t gaps = 0;
  std::uint32_t runs = 1;
  const SampleRecord* last = nullptr;
  bool ascending = true;
  for (const SampleRecord& sample : samples) {
    if (sample.size == 0) continue;
    bytes += sample.size;
    if ((sample.flags & kSampleScattered) != 0) {
      ascending = false;
      continue;
    }
    if (last != nullptr && !adjoins(*last, sample)) {
      const std::uint64_t end = last->offset + last->size;
      ascending = ascending && sample.offset > end;
      gaps += sample.offset - end;
      ++runs;
    }
    last = &sample;
  }
  // A `trun` finds its samples by a signed 32-bit offset (ISO/IEC 14496-12 section 8.8.8).
  const bool within_reach = bytes + gaps < std::numeric_limits<std::int32_t>::max() / 2;
  if (ascending && within_reach && gaps <= bytes / kMostGapsOf) return {bytes + gaps, runs};
  return {bytes, 1};
}

}  // namespace carrel::streamer
