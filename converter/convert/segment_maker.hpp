#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/error.hpp"
#include "converter/convert/frame_stream.hpp"
#include "converter/decode/scaler.hpp"
#include "converter/encode/x264_encoder.hpp"
#include "converter/plan/checkpoint.hpp"

namespace carrel::converter {

/// Makes the segments of the plan one after the other, each by an encoder of its own.
class SegmentMaker {
 public:
  /// Where encoded bytes go.
  using Write = std::function<Result<void>(std::uint64_t offset, const std::string& bytes)>;
  /// Told the number of each frame that is made.
  using Made = std::function<void(std::size_t frame)>;

  SegmentMaker(const FramePlan& plan, const EncoderSettings& settings, FrameStream frames, Scaler scaler);

  /// The segments are made in order, the first that is made being the one that the frames begin at. Its bytes
  /// are written from `media_begin` on.
  [[nodiscard]] Result<CheckpointSegment> make(std::size_t number, std::uint64_t media_begin,
                                               const Write& write, const Made& made);
  /// Frames that came out of the decoder so far.
  [[nodiscard]] std::size_t decoded() const { return decoded_; }

 private:
  /// The picture that is shown at `time`.
  [[nodiscard]] Result<AVFrame*> picture_at(std::int64_t time);

  const FramePlan* plan_;
  EncoderSettings settings_;
  FrameStream frames_;
  Scaler scaler_;
  libav::Frame next_;  ///< decoded, to be shown later
  libav::Frame black_;
  AVFrame* picture_ = nullptr;  ///< the scaler's, or black
  bool ended_ = false;
  std::size_t decoded_ = 0;
};

}  // namespace carrel::converter
