#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace carrel::streamer {

/// Makes one continuous time of a clock that jumps: an MPEG-TS that was put together from parts, or whose
/// sender was restarted. Tracks meet a jump one after the other and all take the same correction, so that
/// they stay together. Times that stand out for less than a second are none. Pure; times in microseconds.
class SteadyClock {
 public:
  explicit SteadyClock(std::size_t tracks) : tracks_(tracks) {}

  /// What has to be added to the times of the track's next packet, which is decoded at `dts` and lasts
  /// `duration`.
  [[nodiscard]] std::int64_t correction(std::size_t track, std::int64_t dts, std::int64_t duration);
  [[nodiscard]] std::size_t jumps() const { return corrections_.size() - 1; }

 private:
  struct Track {
    std::size_t correction = 0;  ///< which of them holds
    std::int64_t last = 0, expected = 0;
    bool begun = false;
    // When it last left its course: what held before, by how much its time went ahead, and when.
    std::size_t before = 0;
    std::int64_t ahead = 0, left_at = 0;
  };
  [[nodiscard]] std::int64_t corrected(std::int64_t dts, std::size_t correction) const;
  [[nodiscard]] bool is_near(const Track& track, std::int64_t time) const;
  [[nodiscard]] bool returns(const Track& track, std::int64_t dts) const;
  void return_to_course(Track& track);
  void jump(Track& track, std::int64_t dts);

  std::vector<std::int64_t> corrections_{0};
  std::int64_t now_ = 0;  ///< where the track before it was: one that was silent for a while goes on there
  std::vector<Track> tracks_;
};

}  // namespace carrel::streamer
