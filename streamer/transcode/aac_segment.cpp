#include "streamer/transcode/aac_segment.hpp"

#include <utility>

#include "streamer/transcode/aac_boxes.hpp"

namespace carrel::streamer {

AacSegmentMaker::AacSegmentMaker(const AacPlan& plan, std::uint32_t number,
                                 std::shared_ptr<SoundFrames> frames)
    : segment_(plan.segments[number]),
      number_(number),
      room_(aac_room(plan, segment_.frames)),
      frames_(std::move(frames)) {}

Result<void> AacSegmentMaker::prepare(int film, std::chrono::steady_clock::time_point until) {
  return frames_->make(film, until);
}

Result<void> AacSegmentMaker::make(int film, std::uint64_t offset, std::span<char> into) {
  const auto made = prepare(film, std::chrono::steady_clock::time_point::max());
  if (!made) return made.error();
  if (made_.empty()) made_ = write_aac_segment(segment_, room_, number_, frames_->frames());
  made_.copy(into.data(), into.size(), static_cast<std::size_t>(offset));
  return {};
}

}  // namespace carrel::streamer
