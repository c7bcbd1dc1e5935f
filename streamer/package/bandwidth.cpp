#include "streamer/package/bandwidth.hpp"

#include <algorithm>
#include <limits>

#include "streamer/package/rendition.hpp"
#include "streamer/package/segment_size.hpp"

namespace carrel::streamer {
namespace {

std::uint64_t bits_per_second(std::uint64_t bytes, std::uint64_t ticks, std::uint32_t timescale) {
  __extension__ typedef unsigned __int128 Wide;
  constexpr Wide limit = std::numeric_limits<std::uint32_t>::max();  // 4 Gbit/s: an index beyond it is a lie
  ticks = std::max<std::uint64_t>(ticks, 1);
  const Wide rate = (Wide{bytes} * 8 * timescale + (ticks - 1)) / ticks;
  return static_cast<std::uint64_t>(std::min(rate, limit));
}

class Sum {
 public:
  explicit Sum(std::uint32_t timescale) : timescale_(timescale) {}
  void add(std::uint64_t bytes, std::uint64_t ticks) {
    peak_ = std::max(peak_, bits_per_second(bytes, ticks, timescale_));
    bytes_ += bytes;
    ticks_ += ticks;
  }
  [[nodiscard]] Bandwidth result() const { return {peak_, bits_per_second(bytes_, ticks_, timescale_)}; }

 private:
  std::uint32_t timescale_;
  std::uint64_t peak_ = 0, bytes_ = 0, ticks_ = 0;
};

}  // namespace

Bandwidth bandwidth_of(const IndexView::Track& track) {
  Sum sum(track.info.timescale);
  for (const SegmentRecord& segment : track.segments)
    sum.add(segment_bytes(track.info, segment), segment.duration);
  return sum.result();
}

Bandwidth bandwidth_of(std::span<const RenditionSegment> segments, std::uint32_t timescale) {
  Sum sum(timescale);
  for (const RenditionSegment& segment : segments) sum.add(segment.bytes, segment.duration);
  return sum.result();
}

std::uint64_t peak_rate(std::span<const RenditionSegment> segments, std::uint32_t timescale,
                        std::uint64_t target) {
  constexpr std::size_t most_in_run = 64;  // of the planner's own there are far fewer
  const std::uint64_t least = (target * timescale + 1) / 2, most = target * timescale * 3 / 2;
  std::uint64_t peak = 0;
  for (std::size_t first = 0; first < segments.size(); ++first) {
    std::uint64_t bytes = 0, ticks = 0;
    for (const RenditionSegment& segment :
         segments.subspan(first, std::min(most_in_run, segments.size() - first))) {
      bytes += segment.bytes;
      ticks += segment.duration;
      if (ticks > most) break;
      if (ticks >= least) peak = std::max(peak, bits_per_second(bytes, ticks, timescale));
    }
  }
  return peak > 0 ? peak : bandwidth_of(segments, timescale).peak;
}

}  // namespace carrel::streamer
