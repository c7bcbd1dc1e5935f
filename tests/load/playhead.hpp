#pragma once

#include <chrono>

namespace carrel::load {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

/// Where a player is in the film: it moves with the clock while there is something to play, and stands still
/// when what was fetched is used up. It needs no timer: what happened since is worked out when it is asked.
class Playhead {
 public:
  /// Stands at `position` seconds with nothing fetched; the time until the first `fetched` is a start, no
  /// stall.
  void begin(double position);

  /// There is something to play up to `until`. Returns for how many seconds it stood still for want of it.
  double fetched(double until, Clock::time_point now);

  /// For how many seconds it has stood still by now. Whoever is about to pause, begin elsewhere or go away
  /// asks, for no `fetched` will tell.
  [[nodiscard]] double stalled(Clock::time_point now) const;

  void pause(Clock::time_point now);
  void resume(Clock::time_point now);

  [[nodiscard]] double position(Clock::time_point now) const;
  /// Whether anything could be played since the last begin().
  [[nodiscard]] bool begun() const { return begun_; }

 private:
  double position_ = 0;
  double until_ = 0;
  Clock::time_point since_;
  bool begun_ = false;
  bool paused_ = false;
};

}  // namespace carrel::load
