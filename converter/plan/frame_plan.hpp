#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/error.hpp"
#include "streamer/index/format.hpp"

/// What a picture made anew will consist of, before anything is decoded. Pure; times in ticks of the track.
namespace carrel::converter {

/// One frame for each of the film's, shown at the same time. Segments begin where the film's begin; their
/// frames are those that are shown from there on until the next one begins. Frames are decoded at the sorted
/// presentation times less `delay`, so a segment's first decoding time is that of the film's segment.
struct FramePlan {
  struct Segment {
    std::size_t first_sample = 0;  ///< of the film: where decoding for it begins
    std::size_t first_frame = 0;   ///< in `times`
    std::size_t frames = 0;        ///< at least one
    bool may_reorder = false;  ///< a frame that is decoded one place early is not shown before it is decoded
  };
  std::vector<std::int64_t> times;  ///< presentation times, ascending, no two alike
  std::vector<Segment> segments;
  std::int64_t delay = 0;  ///< not negative
  std::int64_t end = 0;    ///< decoding time at which the last frame ends

  [[nodiscard]] std::int64_t decoding_time(std::size_t frame) const { return times[frame] - delay; }
  /// To the next frame in decoding order.
  [[nodiscard]] std::uint32_t duration(std::size_t frame) const;
};

/// ErrorKind::invalid: the film's segments do not begin one after the other, or hold nothing.
[[nodiscard]] Result<FramePlan> plan_frames(std::span<const streamer::SampleRecord> samples,
                                            std::span<const streamer::SegmentRecord> segments);

/// Presentation times of samples, of which the first is decoded at `start`.
[[nodiscard]] std::vector<std::int64_t> presentation_times(std::span<const streamer::SampleRecord> samples,
                                                           std::uint64_t start);

/// A frame as it came out of the encoder.
struct MadeFrame {
  std::uint32_t bytes = 0;
  std::int64_t time = 0;  ///< shown at; ticks
  bool operator==(const MadeFrame&) const = default;
};

/// What the made frames are in an index. `frames`: of all segments, in decoding order, lying one after the
/// other from offset 0 on.
struct MadeTrack {
  std::vector<streamer::SampleRecord> samples;
  std::vector<streamer::SegmentRecord> segments;
};
[[nodiscard]] Result<MadeTrack> made_track(const FramePlan& plan, std::span<const MadeFrame> frames);

}  // namespace carrel::converter
