#include "tests/load/playhead.hpp"

#include <algorithm>

namespace carrel::load {

namespace {

constexpr double kEnoughToBegin = 1;  // second; browsers wait for about as much

}  // namespace

void Playhead::begin(double position) {
  position_ = until_ = position;
  begun_ = false;
}

double Playhead::fetched(double until, Clock::time_point now) {
  if (until <= until_ || (!begun_ && until - position_ < kEnoughToBegin)) return 0;
  const double wanted = position_ + (paused_ ? 0 : Seconds(now - since_).count());
  const double stalled = begun_ ? std::max(0.0, wanted - until_) : 0;
  position_ = position(now);
  since_ = now;
  until_ = until;
  begun_ = true;
  return stalled;
}

void Playhead::pause(Clock::time_point now) {
  position_ = position(now);
  since_ = now;
  paused_ = true;
}

void Playhead::resume(Clock::time_point now) {
  since_ = now;
  paused_ = false;
}

double Playhead::position(Clock::time_point now) const {
  if (!begun_ || paused_) return position_;
  return std::min(until_, position_ + Seconds(now - since_).count());
}

}  // namespace carrel::load
