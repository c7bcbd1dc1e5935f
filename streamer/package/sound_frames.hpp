#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "streamer/transcode/aac_plan.hpp"

namespace carrel::streamer {

/// Frames of sound that are made when they are first needed, in turns. They are always the same.
class SoundFrames {
 public:
  virtual ~SoundFrames() = default;
  SoundFrames(const SoundFrames&) = delete;
  SoundFrames& operator=(const SoundFrames&) = delete;

  [[nodiscard]] virtual bool made() const = 0;
  /// Works until about `until`. ErrorKind as of BodyMaker::make().
  [[nodiscard]] virtual Result<void> make(int film, std::chrono::steady_clock::time_point until) = 0;
  /// Of made() frames: as many as were wanted, together no larger than aac_room().
  [[nodiscard]] virtual const std::vector<std::string>& frames() const = 0;

 protected:
  SoundFrames() = default;
};

/// Where frames of a track's plan come from. What packages names them; it does not know how they are made.
using FrameSource =
    std::function<std::shared_ptr<SoundFrames>(std::uint32_t track, const AacPlan& plan, const FrameRange&)>;

}  // namespace carrel::streamer
