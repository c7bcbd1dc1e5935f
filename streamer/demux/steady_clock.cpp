#include "streamer/demux/steady_clock.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace carrel::streamer {
namespace {

constexpr std::int64_t kJump = 10'000'000;  // as ffmpeg's -dts_delta_threshold; what is less may be a gap
constexpr std::int64_t kBack = 500'000;  // decoding times do not run backwards, but for what muxers get wrong
constexpr std::int64_t kStandsOut = 1'000'000;
constexpr std::size_t kMostJumps = 10'000;

/// a - b, or as far as numbers go.
std::int64_t distance(std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  if (!__builtin_sub_overflow(a, b, &result)) return result;
  return a > b ? std::numeric_limits<std::int64_t>::max() : std::numeric_limits<std::int64_t>::min();
}

bool within(std::int64_t time, std::int64_t other, std::int64_t most) {
  const std::int64_t apart = distance(time, other);
  return apart > -most && apart < most;
}

}  // namespace

std::int64_t SteadyClock::corrected(std::int64_t dts, std::size_t correction) const {
  std::int64_t time = 0;
  const std::int64_t by = corrections_[correction];
  if (!__builtin_add_overflow(dts, by, &time)) return time;
  return by > 0 ? std::numeric_limits<std::int64_t>::max() : std::numeric_limits<std::int64_t>::min();
}

bool SteadyClock::is_near(const Track& track, std::int64_t time) const {
  return within(time, track.expected, kJump) || within(time, now_, kJump);
}

/// The track is where it would be had it not left its course a moment ago: those times were wrong.
bool SteadyClock::returns(const Track& track, std::int64_t dts) const {
  const bool left = track.before != track.correction || track.ahead != 0;
  if (!left || distance(track.expected, track.left_at) > kStandsOut) return false;
  return within(corrected(dts, track.before), distance(track.expected, track.ahead), kBack) &&
         !within(corrected(dts, track.correction), track.expected, kBack);
}

void SteadyClock::return_to_course(Track& track) {
  const std::size_t left = std::exchange(track.correction, track.before);
  track.ahead = 0;
  const bool used =
      std::ranges::any_of(tracks_, [&](const Track& one) { return one.begun && one.correction >= left; });
  if (left != track.correction && left + 1 == corrections_.size() && !used) corrections_.pop_back();
}

/// The correction that others took, or one of its own.
void SteadyClock::jump(Track& track, std::int64_t dts) {
  const std::size_t newest = corrections_.size() - 1;
  track.before = track.correction;
  track.ahead = 0;
  track.left_at = track.expected;
  std::int64_t needed = 0;
  if (newest > track.correction && is_near(track, corrected(dts, newest))) {
    track.correction = newest;
  } else if (corrections_.size() <= kMostJumps && !__builtin_sub_overflow(track.expected, dts, &needed)) {
    corrections_.push_back(needed);
    track.correction = newest + 1;
  }
}

std::int64_t SteadyClock::correction(std::size_t track, std::int64_t dts, std::int64_t duration) {
  Track& one = tracks_[track];
  if (!one.begun) {
    // A track that begins late counts as the others do.
    one.correction = one.before = corrections_.size() - 1;
  } else if (returns(one, dts)) {
    return_to_course(one);
  } else {
    const std::int64_t time = corrected(dts, one.correction);
    if (distance(time, one.last) < -kBack || !is_near(one, time)) {
      jump(one, dts);
    } else if (distance(time, one.expected) > kBack) {
      one.before = one.correction;
      one.ahead = distance(time, one.expected);
      one.left_at = time;
    }
  }
  one.begun = true;
  one.last = corrected(dts, one.correction);
  if (__builtin_add_overflow(one.last, std::max<std::int64_t>(duration, 0), &one.expected))
    one.expected = one.last;
  now_ = one.expected;
  return corrections_[one.correction];
}

}  // namespace carrel::streamer
