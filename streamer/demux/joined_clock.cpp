#include "streamer/demux/joined_clock.hpp"

#include <algorithm>

namespace carrel::streamer {
namespace {

constexpr std::int64_t kBack = 500'000;
constexpr std::int64_t kPicture = 40'000;  // what a packet lasts that does not say
constexpr std::int64_t kFar = std::int64_t{1} << 58;

}  // namespace

std::int64_t JoinedClock::correction(std::size_t part, std::int64_t at, std::int64_t duration) {
  at = std::clamp(at, -kFar, kFar);
  const std::int64_t length = duration > 0 ? std::min(duration, kFar) : kPicture;
  if (corrections_.empty()) end_ = at;
  while (corrections_.size() <= part) {
    const std::int64_t before = corrections_.empty() ? 0 : corrections_.back();
    const bool begins_anew = at + before < end_ - kBack && end_ < kFar;
    corrections_.push_back(begins_anew ? end_ - at : before);
    if (begins_anew) ++moved_;
  }
  end_ = std::max(end_, at + corrections_[part] + length);
  return corrections_[part];
}

}  // namespace carrel::streamer
