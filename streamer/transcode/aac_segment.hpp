#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "streamer/package/sound_frames.hpp"
#include "streamer/respond/body.hpp"
#include "streamer/transcode/aac_plan.hpp"

namespace carrel::streamer {

/// One media segment of AAC in MP4, put together when its frames are made.
class AacSegmentMaker : public BodyMaker {
 public:
  /// `frames`: those of the plan's segment `number`.
  AacSegmentMaker(const AacPlan& plan, std::uint32_t number, std::shared_ptr<SoundFrames> frames);

  [[nodiscard]] std::uint64_t bytes() const { return segment_.bytes; }

  [[nodiscard]] bool prepared() const override { return frames_->made(); }
  [[nodiscard]] Result<void> prepare(int film, std::chrono::steady_clock::time_point until) override;
  [[nodiscard]] Result<void> make(int film, std::uint64_t offset, std::span<char> into) override;

 private:
  AacSegment segment_;
  std::uint32_t number_;
  std::uint64_t room_;
  std::shared_ptr<SoundFrames> frames_;
  std::string made_;  ///< empty: no byte of it was needed yet
};

}  // namespace carrel::streamer
