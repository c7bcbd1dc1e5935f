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
  const double stood = stalled(now);
  position_ = position(now);
  since_ = now;
  until_ = until;
  begun_ = true;
  return stood;
}

double Playhead::stalled(Clock::time_point now) const {
  if (!begun_ || paused_) return 0;
  return std::max(0.0, position_ + Seconds(now - since_).count() - until_);
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
