#include "streamer/package/bandwidth.hpp"

#include <algorithm>
#include <limits>

#include "streamer/package/segment_size.hpp"

namespace carrel::streamer {
namespace {

std::uint64_t bits_per_second(std::uint64_t bytes, std::uint64_t ticks, std::uint32_t timescale) {
  __extension__ typedef unsigned __int128 Wide;
  constexpr Wide limit = std::numeric_limits<std::uint32_t>::max();  // 4 Gbit/s: an index beyond it is a lie
  const Wide rate = (Wide{bytes} * 8 * timescale + (ticks - 1)) / ticks;
  return static_cast<std::uint64_t>(std::min(rate, limit));
}

}  // namespace

Bandwidth bandwidth_of(const IndexView::Track& track) {
  Bandwidth result;
  std::uint64_t bytes = 0;
  std::uint64_t ticks = 0;
  for (const SegmentRecord& segment : track.segments) {
    const std::uint64_t size = segment_bytes(track.info, segment);
    result.peak = std::max(result.peak, bits_per_second(size, segment.duration, track.info.timescale));
    bytes += size;
    ticks += segment.duration;
  }
  result.average = bits_per_second(bytes, ticks, track.info.timescale);
  return result;
}

}  // namespace carrel::streamer
