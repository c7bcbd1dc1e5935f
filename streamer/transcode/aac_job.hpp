#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "streamer/index/view.hpp"
#include "streamer/transcode/aac_encoder.hpp"
#include "streamer/transcode/aac_plan.hpp"
#include "streamer/transcode/source_sound.hpp"

namespace carrel::streamer {

/// Makes the frames of one segment of AAC, a little at a time. The same film, index, track, form and frames
/// wanted give the same bytes, always: decoder and encoder begin afresh a fixed distance before the segment,
/// and there is no clock in it.
class AacJob {
 public:
  /// `plan` of plan_aac() for this track, `frames` some that it has. ErrorKind::invalid: the track cannot be
  /// decoded.
  [[nodiscard]] static Result<AacJob> make(std::shared_ptr<const IndexView> index, std::uint32_t track,
                                           const AacPlan& plan, const FrameRange& frames);

  /// Works until about `until`. True: it is made. An error: the film could not be read.
  [[nodiscard]] Result<bool> work(const ReadPieces& read, std::chrono::steady_clock::time_point until);
  /// Once they are made: all that were wanted, together in the room that the plan has for them.
  [[nodiscard]] std::vector<std::string> take() { return std::move(frames_); }

 private:
  AacJob(std::shared_ptr<const IndexView> index, std::uint32_t track, const AacPlan& plan,
         const FrameRange& frames);
  [[nodiscard]] Result<void> begin_attempt();
  void encode_block();
  /// The frames fit in their room, or else the next attempt begins.
  [[nodiscard]] Result<void> end_attempt();

  std::shared_ptr<const IndexView> index_;
  std::uint32_t track_;
  AacPlan plan_;  ///< without its segments
  FrameRange wanted_;
  std::size_t attempt_ = 0;
  std::optional<SourceSound> sound_;
  std::optional<AacEncoder> encoder_;
  std::uint32_t blocks_ = 0;
  std::vector<std::string> frames_;
  bool made_ = false;
};

/// Makes frames fit in `room` bytes, if need be by silencing the largest.
void fit_frames(std::vector<std::string>& frames, std::uint64_t room, std::size_t channels);

}  // namespace carrel::streamer
