#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace carrel::streamer {

/// Puts recordings that were joined end to end one after the other: each counts from its own beginning. Pure;
/// times in microseconds.
class JoinedClock {
 public:
  /// What has to be added to the times of a packet of the part with that number, which is shown at `at` for
  /// `duration`. A part's first packet decides: what goes on where the part before ended stays.
  [[nodiscard]] std::int64_t correction(std::size_t part, std::int64_t at, std::int64_t duration);
  /// How many parts were moved.
  [[nodiscard]] std::size_t moved() const { return moved_; }

 private:
  std::vector<std::int64_t> corrections_;  ///< of each part that has begun
  std::int64_t end_ = 0;                   ///< of all parts so far
  std::size_t moved_ = 0;
};

}  // namespace carrel::streamer
