#include "streamer/index/frame_rate.hpp"

#include <algorithm>
#include <limits>
#include <vector>

namespace carrel::streamer {
namespace {

__extension__ typedef unsigned __int128 Wide;

constexpr std::uint32_t kPassing = 1000;  ///< what is shown for less than this part of a second is not seen
// Containers that round times to a millisecond make even pictures uneven by less.
constexpr std::uint64_t kEvenPercent = 2;
constexpr std::uint64_t kSameOf = 1000;

std::uint64_t per_1000_seconds(std::uint64_t pictures, std::uint64_t ticks, std::uint32_t timescale) {
  const Wide rate = (Wide{pictures} * timescale * 1000 + ticks / 2) / std::max<std::uint64_t>(ticks, 1);
  return static_cast<std::uint64_t>(std::min<Wide>(rate, std::numeric_limits<std::uint32_t>::max()));
}

/// When each picture that is seen begins, ascending.
std::vector<std::int64_t> times_of_seen(std::span<const SampleRecord> samples, std::uint32_t timescale) {
  std::vector<std::int64_t> times;
  times.reserve(samples.size());
  std::int64_t decoded = 0;
  for (const SampleRecord& sample : samples) {
    times.push_back(decoded + sample.composition_offset);
    decoded += sample.duration;
  }
  std::ranges::sort(times);
  const std::int64_t least = (timescale + kPassing - 1) / kPassing;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (i + 1 == times.size() || times[i + 1] - times[i] >= least) times[kept++] = times[i];
  }
  times.resize(kept);
  return times;
}

/// Further than rounding makes it.
bool is_above(std::uint64_t rate, std::uint64_t average) {
  return rate * 100 > average * (100 + kEvenPercent);
}

std::uint64_t highest(const std::vector<std::int64_t>& times, std::uint32_t timescale) {
  std::uint64_t most = 0;
  std::size_t end = 0;
  for (std::size_t begin = 0; begin < times.size(); ++begin) {
    while (end < times.size() && (times[end] - times[begin]) * 2 < timescale) ++end;
    if (end == times.size()) break;
    most = std::max(most, per_1000_seconds(end - begin, static_cast<std::uint64_t>(times[end] - times[begin]),
                                           timescale));
  }
  return most;
}

}  // namespace

FrameRate frame_rate_of(std::span<const SampleRecord> samples, std::uint32_t timescale) {
  const auto times = times_of_seen(samples, timescale);
  FrameRate rate{static_cast<std::uint32_t>(times.size()), 0};
  if (times.size() < 2) return rate;
  std::uint64_t ticks = 0;
  for (const SampleRecord& sample : samples) ticks += sample.duration;
  const std::uint64_t average = per_1000_seconds(times.size(), ticks, timescale);
  // Without the last picture, whose own length says little.
  const auto span = static_cast<std::uint64_t>(times.back() - times.front());
  const std::uint64_t moving = per_1000_seconds(times.size() - 1, span, timescale);
  const std::uint64_t most = highest(times, timescale);
  const std::uint64_t fastest = is_above(most, moving) ? most : moving;
  const std::uint64_t apart = std::max(fastest, average) - std::min(fastest, average);
  if (apart * kSameOf > average) rate.highest_milliframes = static_cast<std::uint32_t>(fastest);
  return rate;
}

std::uint64_t milliframes(const FrameRate& rate, std::uint64_t ticks, std::uint32_t timescale) {
  if (rate.highest_milliframes != 0) return rate.highest_milliframes;
  return per_1000_seconds(rate.shown, ticks, timescale);
}

}  // namespace carrel::streamer
