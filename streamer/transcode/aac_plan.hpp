#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "streamer/index/view.hpp"
#include "streamer/protocol/message.hpp"

/// A track of sound as AAC-LC that is made on the fly: what is known of it before a single sample is encoded.
/// Pure functions of the index.
namespace carrel::streamer {

inline constexpr std::uint32_t kAacFrameSamples = 1024;
inline constexpr const char* kAacCodecString = "mp4a.40.2";

/// Frames that follow each other.
struct FrameRange {
  std::uint32_t first = 0, count = 0;
  bool operator==(const FrameRange&) const = default;
};

struct AacSegment {
  FrameRange frames;           ///< at most about 9 s of them
  std::uint64_t start = 0;     ///< presentation (and decoding) time of the first frame, ticks
  std::uint64_t duration = 0;  ///< ticks
  std::uint64_t bytes = 0;     ///< of the whole segment, boxes included; the same whatever is heard
  bool operator==(const AacSegment&) const = default;
};

/// One frame is 1,024 ticks; frame f is heard from start + 1024·f on.
struct AacPlan {
  std::uint32_t sample_rate = 0;  ///< also the timescale
  std::uint16_t channels = 0;     ///< 1, 2 or 6
  std::uint32_t frame_bytes = 0;  ///< for each frame of a segment, on average
  std::uint64_t start = 0;        ///< of frame 0, ticks
  std::uint32_t frame_count = 0;
  std::int64_t heard_from = 0;       ///< the source's first sample that is to be heard, ticks; silence before
  std::int64_t heard_to = 0;         ///< its end; silence after
  std::string config;                ///< AudioSpecificConfig
  std::vector<AacSegment> segments;  ///< without a gap; at least one
};

/// A track may be had as AAC: sound of known samples that is decoded or sent as it is.
[[nodiscard]] bool makes_aac(const IndexView::Track& track);
/// The forms it is offered in: stereo (or mono) always, surround where the film has more than two channels.
/// Empty: none.
[[nodiscard]] std::vector<protocol::Form> aac_forms(const IndexView::Track& track);

/// As it is, the sound makes players with Media Source Extensions stop, or leave out a part of the picture:
/// it begins more than 0.5 s after the picture, or ends so long before it that the end is not buffered by
/// then.
[[nodiscard]] bool leaves_picture_alone(const IndexView& index, const IndexView::Track& track);

/// Parts of it are missing, more than 0.1 s together, and the samples before them last longer for it:
/// browsers play the frames of sound one after the other, and what follows too early.
[[nodiscard]] bool has_gaps(const IndexView::Track& track);

/// Lasts as long as the picture where the sound begins more than 0.5 s later or ends earlier: the rest is
/// silent. Cuts at the frames nearest to where the picture is cut, and every 6 s where there is no picture or
/// its segments are long; sound alone begins with short ones. ErrorKind::not_found: the track is not to be
/// had in this form. ErrorKind::invalid: the index lies about its times.
[[nodiscard]] Result<AacPlan> plan_aac(const IndexView& index, std::uint32_t track, protocol::Form form);

/// Nothing of the source is heard in the frames, nor in those next to them, whose windows reach into these.
[[nodiscard]] bool is_silent(const AacPlan& plan, const FrameRange& frames);

/// Bytes that frames have, all together, at most.
[[nodiscard]] std::uint64_t aac_room(const AacPlan& plan, const FrameRange& frames);

/// Of the `moof` that describes `frame_count` frames.
[[nodiscard]] std::uint64_t aac_moof_bytes(std::uint32_t frame_count);

}  // namespace carrel::streamer
