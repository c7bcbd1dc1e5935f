#include "streamer/demux/timing.hpp"

#include <algorithm>
#include <limits>

namespace carrel::streamer {
namespace {

constexpr std::int64_t kFarTicks = std::int64_t{1} << 60;  // farther than any time that is taken
constexpr std::int64_t kMostSeconds = 10'000'000;          // 115 days, so that ticks stay below kMaxTicks

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

bool more_than_few(std::size_t missing, std::size_t all) {
  return missing > all / 8;
}

/// Decoding times that are missing go on as those before.
void fill_decoding_times(std::vector<RawSample>& raw) {
  std::int64_t step = 0, last = kNoTime;
  for (RawSample& sample : raw) {
    if (sample.dts == kNoTime) sample.dts = last == kNoTime ? 0 : std::min(last + step, kFarTicks);
    if (last != kNoTime && sample.dts > last && sample.dts - last < std::numeric_limits<std::uint32_t>::max())
      step = sample.dts - last;
    last = sample.dts;
  }
}

/// In what order pictures are shown: their positions.
std::vector<std::size_t> shown_order(const std::vector<RawSample>& raw) {
  std::vector<std::size_t> order;
  order.reserve(raw.size());
  std::vector<std::size_t> place(raw.size());  // in the order so far
  std::size_t begin = 0;                       // of a sequence that counts for itself
  constexpr std::size_t none = std::numeric_limits<std::size_t>::max();
  std::size_t held = none;
  const auto end_sequence = [&] {
    if (held != none) order.push_back(held);
    held = none;
    for (std::size_t i = begin; i < order.size(); ++i) place[order[i]] = i;
    std::sort(order.begin() + static_cast<std::ptrdiff_t>(begin), order.end(),
              [&](std::size_t a, std::size_t b) {
                return raw[a].order != raw[b].order ? raw[a].order < raw[b].order : place[a] < place[b];
              });
    begin = order.size();
  };
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i].entry == Entry::sync && raw[i].order != kNoTime) end_sequence();
    if (raw[i].shown == Shown::before_next_reference) {
      if (held != none) order.push_back(held);
      held = i;
    } else {
      order.push_back(i);
    }
  }
  end_sequence();
  return order;
}

/// Whether the stream itself tells in what order its pictures are shown.
bool knows_order(const std::vector<RawSample>& raw) {
  return std::ranges::any_of(
      raw, [](const RawSample& sample) { return sample.order != kNoTime || sample.shown != Shown::unknown; });
}

/// Each picture is shown when that many had been decoded, later by what those have that do have a time.
void times_by_order(std::vector<RawSample>& raw) {
  const auto order = shown_order(raw);
  std::vector<std::int64_t> made(raw.size());
  for (std::size_t i = 0; i < order.size(); ++i) made[order[i]] = raw[i].dts;
  std::vector<std::int64_t> later;
  for (std::size_t i = 0; i < raw.size(); ++i)
    if (raw[i].pts != kNoTime) later.push_back(raw[i].pts - made[i]);
  std::int64_t delay = 0;
  if (!later.empty()) {
    const auto middle = later.begin() + static_cast<std::ptrdiff_t>(later.size() / 2);
    std::ranges::nth_element(later, middle);
    delay = *middle;
  }
  for (std::size_t i = 0; i < raw.size(); ++i)
    if (raw[i].pts == kNoTime) raw[i].pts = std::clamp(made[i] + delay, -kFarTicks, kFarTicks);
}

/// Lays those from `begin` to before `end` between their neighbours, of which the later one is at `until`.
void lay_between(std::vector<RawSample>& raw, std::size_t begin, std::size_t end, std::int64_t until) {
  const std::int64_t before = raw[begin - 1].pts;
  const std::int64_t step = (until - before) / static_cast<std::int64_t>(end - begin + 1);
  for (std::size_t i = begin; i < end; ++i)
    raw[i].pts = before + step * static_cast<std::int64_t>(i - begin + 1);
}

/// Sound that runs backwards; how many samples had to be moved.
std::size_t mend_backward_times(std::vector<RawSample>& raw, std::uint32_t timescale) {
  std::size_t mended = 0, leapt = 0;  // leapt: the first after the last leap ahead; 0: there was none
  std::int64_t moved = 0, step = 0;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    std::int64_t& time = raw[i].pts;
    if (i > 0 && time >= raw[i - 1].pts) moved = 0;  // what was too early stood out
    if (i > 0 && time + moved < raw[i - 1].pts) {
      const std::int64_t back = raw[i - 1].pts - (time + moved);
      const bool too_late =
          leapt > 0 && time + moved >= raw[leapt - 1].pts && raw[i - 1].pts - raw[leapt].pts < timescale;
      if (back >= timescale && too_late) {
        lay_between(raw, leapt, i, time + moved);
        mended += i - leapt - 1;
        leapt = 0;
      } else if (back >= timescale) {
        moved = std::min(moved + back + step, kFarTicks);
      }
      ++mended;
    }
    time = i > 0 ? std::max(time + moved, raw[i - 1].pts) : time;
    if (i == 0) continue;
    const std::int64_t after = time - raw[i - 1].pts;
    if (after >= timescale) leapt = i;
    step = std::min<std::int64_t>(after, timescale);
  }
  return mended;
}

bool within(std::int64_t ticks, std::uint32_t timescale) {
  const std::int64_t most = kMostSeconds * timescale;
  return ticks >= -most && ticks <= most;
}

}  // namespace

std::size_t complete_times(std::vector<RawSample>& raw, MediaKind kind, bool as_stored) {
  // So that no difference of two overflows; what is so far off is refused later.
  for (RawSample& sample : raw)
    for (std::int64_t* time : {&sample.pts, &sample.dts})
      if (*time != kNoTime) *time = std::clamp(*time, -kFarTicks, kFarTicks);
  const auto missing = static_cast<std::size_t>(
      std::ranges::count_if(raw, [](const RawSample& sample) { return sample.pts == kNoTime; }));
  if (missing == 0) return 0;
  if (kind == MediaKind::video && (knows_order(raw) || more_than_few(missing, raw.size()))) {
    fill_decoding_times(raw);
    if (as_stored) {
      for (RawSample& sample : raw) sample.pts = sample.dts;
      return 0;
    }
    times_by_order(raw);
    return 0;
  }
  std::int64_t step = 0, last = kNoTime;
  for (RawSample& sample : raw) {
    if (sample.pts == kNoTime)
      sample.pts = sample.dts != kNoTime ? sample.dts
                   : last == kNoTime     ? 0
                                         : std::min(last + step, kFarTicks);
    if (last != kNoTime && sample.pts > last && sample.pts - last < std::numeric_limits<std::uint32_t>::max())
      step = sample.pts - last;
    last = sample.pts;
  }
  return missing;
}

Result<TimedSamples> time_samples(std::vector<RawSample> raw, MediaKind kind, bool dts_is_stored,
                                  std::uint32_t timescale, std::int64_t last_duration) {
  for (const RawSample& sample : raw) {
    if (sample.pts == kNoTime) return refused("some of its frames have no time");
    if (!within(sample.pts, timescale)) return refused("its frames' times are out of bounds");
  }
  std::size_t mended = 0;
  if (kind == MediaKind::audio) {
    mended = mend_backward_times(raw, timescale);
    for (RawSample& sample : raw) sample.dts = sample.pts;
  } else if (!dts_is_stored || !stored_times_hold(raw)) {
    derive_decoding_times(raw);
  }

  TimedSamples timed;
  timed.mended = mended;
  if (raw.empty()) return timed;
  timed.first_dts = raw.front().dts;
  timed.samples.reserve(raw.size());
  std::int64_t duration = 0, longest = timescale;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const RawSample& sample = raw[i];
    const bool last = i + 1 == raw.size();
    if (!last) duration = raw[i + 1].dts - sample.dts;
    longest = std::max(longest, duration);
    if (last && last_duration > 0) duration = last_duration;
    // A container's clock that goes back at the very end makes it the length of the clock.
    if (last && kind == MediaKind::audio) duration = std::min(duration, longest);
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
