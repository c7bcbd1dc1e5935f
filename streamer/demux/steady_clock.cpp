#include "streamer/demux/steady_clock.hpp"

#include <algorithm>

namespace carrel::streamer {
namespace {

constexpr std::int64_t kJump = 10'000'000;  // as ffmpeg's -dts_delta_threshold
constexpr std::size_t kMostJumps = 10'000;

bool near(std::int64_t time, std::int64_t other) {
  std::int64_t distance = 0;
  return !__builtin_sub_overflow(time, other, &distance) && distance > -kJump && distance < kJump;
}

}  // namespace

bool SteadyClock::fits(const Track& track, std::int64_t dts, std::size_t correction) const {
  std::int64_t time = 0;
  if (__builtin_add_overflow(dts, corrections_[correction], &time)) return false;
  return near(time, track.expected) || near(time, now_);
}

std::int64_t SteadyClock::correction(std::size_t track, std::int64_t dts, std::int64_t duration) {
  Track& one = tracks_[track];
  const std::size_t newest = corrections_.size() - 1;
  if (!one.begun) {
    // A track that begins late counts as the others do.
    one.correction = newest;
  } else if (!fits(one, dts, one.correction)) {
    std::int64_t needed = 0;
    if (newest > one.correction && fits(one, dts, newest)) {
      one.correction = newest;
    } else if (corrections_.size() <= kMostJumps && !__builtin_sub_overflow(one.expected, dts, &needed)) {
      corrections_.push_back(needed);
      one.correction = newest + 1;
    }
  }
  one.begun = true;
  std::int64_t corrected = dts;
  if (!__builtin_add_overflow(dts, corrections_[one.correction], &corrected))
    static_cast<void>(__builtin_add_overflow(corrected, std::max<std::int64_t>(duration, 0), &one.expected));
  now_ = one.expected;
  return corrections_[one.correction];
}

}  // namespace carrel::streamer
