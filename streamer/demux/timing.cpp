#include "streamer/demux/timing.hpp"

#include <algorithm>
#include <limits>

namespace carrel::streamer {
namespace {

constexpr std::int64_t kMostSeconds = 10'000'000;  // 115 days, so that ticks stay below kMaxTicks

Error refused(std::string why) {
  return make_error(ErrorKind::invalid, std::move(why));
}

bool stored_times_hold(const std::vector<RawSample>& raw) {
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i].dts == kNoTime) return false;
    if (i > 0 && raw[i].dts < raw[i - 1].dts) return false;
  }
  return true;
}

void derive_decoding_times(std::vector<RawSample>& raw) {
  std::vector<std::int64_t> sorted;
  sorted.reserve(raw.size());
  for (const RawSample& sample : raw) sorted.push_back(sample.pts);
  std::sort(sorted.begin(), sorted.end());
  std::int64_t delay = 0;
  for (std::size_t i = 0; i < raw.size(); ++i) delay = std::max(delay, sorted[i] - raw[i].pts);
  for (std::size_t i = 0; i < raw.size(); ++i) raw[i].dts = sorted[i] - delay;
}

bool within(std::int64_t ticks, std::uint32_t timescale) {
  const std::int64_t most = kMostSeconds * timescale;
  return ticks >= -most && ticks <= most;
}

}  // namespace

Result<TimedSamples> time_samples(std::vector<RawSample> raw, MediaKind kind, bool dts_is_stored,
                                  std::uint32_t timescale, std::int64_t last_duration) {
  for (const RawSample& sample : raw) {
    if (sample.pts == kNoTime) return refused("some of its frames have no time");
    if (!within(sample.pts, timescale)) return refused("its frames' times are out of bounds");
  }
  if (kind == MediaKind::audio) {
    for (RawSample& sample : raw) sample.dts = sample.pts;
    if (!stored_times_hold(raw)) return refused("its frames' times run backwards");
  } else if (!dts_is_stored || !stored_times_hold(raw)) {
    derive_decoding_times(raw);
  }

  TimedSamples timed;
  if (raw.empty()) return timed;
  timed.first_dts = raw.front().dts;
  timed.samples.reserve(raw.size());
  std::int64_t duration = 0;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const RawSample& sample = raw[i];
    const bool last = i + 1 == raw.size();
    if (!last) duration = raw[i + 1].dts - sample.dts;
    if (last && last_duration > 0) duration = last_duration;
    if (last) duration = std::max<std::int64_t>(duration, 1);
    const std::int64_t composition = sample.pts - sample.dts;
    if (!within(sample.dts, timescale) || duration > std::numeric_limits<std::uint32_t>::max() ||
        composition > std::numeric_limits<std::int32_t>::max() ||
        composition < std::numeric_limits<std::int32_t>::min())
      return refused("there is a gap between its frames that is too long");
    timed.samples.push_back({sample.offset, sample.size, static_cast<std::uint32_t>(duration),
                             static_cast<std::int32_t>(composition),
                             sample.scattered ? kSampleScattered : 0});
  }
  return timed;
}

}  // namespace carrel::streamer
