#include "streamer/demux/entries.hpp"

#include <algorithm>

namespace carrel::streamer {
namespace {

constexpr std::int64_t kTooFarSeconds = 24;  // four segments

std::vector<std::size_t> entries_with(std::span<const RawSample> samples, bool open_too) {
  std::vector<std::size_t> entries;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const bool open = samples[i].entry == Entry::open && samples[i].container_key;
    if (i == 0 || samples[i].entry == Entry::sync || (open_too && open)) entries.push_back(i);
  }
  return entries;
}

/// The longest time, in ticks, from one entry to the next or to the end.
std::int64_t longest(std::span<const RawSample> samples, const std::vector<std::size_t>& entries) {
  std::int64_t result = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const std::size_t next = i + 1 < entries.size() ? entries[i + 1] : samples.size() - 1;
    const std::int64_t from = samples[entries[i]].pts;
    const std::int64_t to = samples[next].pts;
    // Times are only checked later: here a missing one must merely do no harm.
    std::int64_t length = 0;
    if (from != kNoTime && to != kNoTime && !__builtin_sub_overflow(to, from, &length))
      result = std::max(result, length);
  }
  return result;
}

}  // namespace

void settle_doubtful_entries(std::vector<RawSample>& samples) {
  RawSample* doubtful = nullptr;
  for (RawSample& sample : samples) {
    if (sample.entry == Entry::leading && doubtful != nullptr) doubtful->entry = Entry::open;
    if (sample.entry == Entry::none || sample.entry == Entry::leading) continue;
    doubtful = sample.entry == Entry::doubtful ? &sample : nullptr;
    if (doubtful != nullptr) sample.entry = Entry::sync;
  }
}

Entries entries_of(std::span<const RawSample> samples, std::uint32_t timescale) {
  if (samples.empty()) return {};
  Entries closed{entries_with(samples, false), true};
  // A first sample that is none of them is where `-c copy` begins too; nothing comes before it to refer to.
  if (longest(samples, closed.samples) <= kTooFarSeconds * timescale) return closed;
  Entries open{entries_with(samples, true), false};
  if (open.samples.size() == closed.samples.size()) return closed;
  return open;
}

}  // namespace carrel::streamer
