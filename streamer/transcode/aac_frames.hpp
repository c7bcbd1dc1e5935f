#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "streamer/index/view.hpp"
#include "streamer/package/sound_frames.hpp"
#include "streamer/respond/body.hpp"
#include "streamer/transcode/aac_job.hpp"
#include "streamer/transcode/aac_plan.hpp"

namespace carrel::streamer {

/// How bytes of a film come into memory.
using ReadFilm = std::function<Result<std::string>(int film, const Pieces&)>;

/// Frames of a track made into AAC.
class AacFrames : public SoundFrames {
 public:
  AacFrames(std::shared_ptr<const IndexView> index, std::uint32_t track, const AacPlan& plan,
            const FrameRange& frames, ReadFilm read);
  ~AacFrames() override;

  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }  ///< once made, at most

  [[nodiscard]] bool made() const override { return order_ == nullptr; }
  [[nodiscard]] Result<void> make(int film, std::chrono::steady_clock::time_point until) override;
  [[nodiscard]] const std::vector<std::string>& frames() const override { return frames_; }

 private:
  struct Order;
  std::unique_ptr<Order> order_;  ///< null once they are made
  std::uint64_t bytes_;
  std::vector<std::string> frames_;
};

}  // namespace carrel::streamer
