#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>

#include "base/error.hpp"
#include "converter/decode/decoder.hpp"
#include "converter/decode/deinterlacer.hpp"
#include "converter/decode/source.hpp"
#include "converter/plan/frame_plan.hpp"

namespace carrel::converter {

/// The film's frames from one segment on, as they are shown, made whole where they are interlaced. At the
/// beginning of a segment nothing of the one before is looked at, so that a frame is the same wherever the
/// stream was begun.
class FrameStream {
 public:
  using Heartbeat = std::function<void(std::int64_t shown)>;

  /// All must outlive the stream. `heartbeat` is called for every sample before it is
  /// decoded, with the time at which it is shown. As Decoder::open().
  [[nodiscard]] static Result<FrameStream> open(const Source& source, const FramePlan& plan,
                                                std::size_t segment, Heartbeat heartbeat);

  /// The next frame, its time in `pts`; null: that was the last. An error: the film could not be read.
  [[nodiscard]] Result<libav::Frame> next();

 private:
  FrameStream(const Source& source, const FramePlan& plan, std::size_t segment,
              std::unique_ptr<Decoder> decoder, Heartbeat heartbeat);
  void take(AVFrame& decoded);
  void pass_on();
  /// False: there is no more.
  [[nodiscard]] Result<bool> feed();

  const Source* source_;
  const FramePlan* plan_;
  std::size_t segment_;  ///< whose beginning is looked out for
  std::unique_ptr<Decoder> decoder_;
  Deinterlacer deinterlacer_;
  Heartbeat heartbeat_;
  std::size_t sample_;
  std::int64_t last_ = libav::kNoTime;
  bool finished_ = false;
  std::size_t most_held_;
  std::deque<libav::Frame> held_;  ///< decoded, in the order in which they are shown
};

}  // namespace carrel::converter
