#include "streamer/demux/single_picture.hpp"

#include <algorithm>

namespace carrel::streamer {

void repeat_single_picture(std::vector<SampleRecord>& samples, std::uint32_t timescale, std::int64_t length) {
  constexpr std::int64_t most = std::int64_t{24} * 3600;
  if (samples.size() != 1) return;
  SampleRecord one = samples.front();
  const std::int64_t whole = std::max<std::int64_t>(length, one.duration);
  const std::int64_t count = (whole + timescale / 2) / timescale;
  if (count < 2 || count > most) return;
  one.duration = timescale;
  samples.assign(static_cast<std::size_t>(count), one);
  samples.back().duration = static_cast<std::uint32_t>(whole - (count - 1) * timescale);
}

}  // namespace carrel::streamer
