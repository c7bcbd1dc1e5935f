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

/// Makes one segment of AAC, a little at a time. The same film, index, track, form and number give the same
/// bytes, always: decoder and encoder begin afresh a fixed distance before the segment, and there is no
/// clock in it.
class AacJob {
 public:
  /// `plan` of plan_aac() for this track, `segment` that of its segments with this number.
  /// ErrorKind::invalid: the track cannot be decoded.
  [[nodiscard]] static Result<AacJob> make(std::shared_ptr<const IndexView> index, std::uint32_t track,
                                           const AacPlan& plan, const AacSegment& segment,
                                           std::uint32_t number);

  /// Works until about `until`. True: it is made. An error: the film could not be read.
  [[nodiscard]] Result<bool> work(const ReadPieces& read, std::chrono::steady_clock::time_point until);
  /// The segment, once it is made.
  [[nodiscard]] std::string take() { return std::move(made_); }

 private:
  AacJob(std::shared_ptr<const IndexView> index, std::uint32_t track, const AacPlan& plan,
         const AacSegment& segment, std::uint32_t number);
  [[nodiscard]] Result<void> begin_attempt();
  void encode_block();
  /// Whether the frames fit in the segment; else the next attempt begins.
  [[nodiscard]] Result<bool> end_attempt();

  std::shared_ptr<const IndexView> index_;
  std::uint32_t track_, number_;
  AacPlan plan_;  ///< without its segments
  AacSegment segment_;
  std::size_t attempt_ = 0;
  std::optional<SourceSound> sound_;
  std::optional<AacEncoder> encoder_;
  std::uint32_t blocks_ = 0;
  std::vector<std::string> frames_;
  std::string made_;
};

/// Makes frames fit in `room` bytes, if need be by silencing the largest.
void fit_frames(std::vector<std::string>& frames, std::uint64_t room, std::size_t channels);

}  // namespace carrel::streamer
