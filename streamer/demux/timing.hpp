#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "streamer/demux/raw_sample.hpp"
#include "streamer/index/format.hpp"
#include "streamer/index/track_info.hpp"

namespace carrel::streamer {

/// Samples with exact durations, and the decoding time of the first, which may be negative: ticks.
struct TimedSamples {
  std::int64_t first_dts = 0;
  std::vector<SampleRecord> samples;
  std::size_t mended = 0;  ///< samples whose times were missing or ran backwards
};

/// Gives pictures a presentation time where their container stores the decoding times alone: by the order in
/// which they are shown, each the time at which that many had been decoded (where some have a time, MPEG-PS,
/// later by what these tell). A few that are missing are filled in; the count of these. `as_stored`: they are
/// shown in the order in which they are stored.
std::size_t complete_times(std::vector<RawSample>& raw, MediaKind kind, bool as_stored);

/// Gives every sample a decoding time and from these its duration. Presentation times are changed only where
/// sound's run backwards: a little, then they wait; a second or more, then all that follow move, until the
/// film's times go on where they were; what stood out ahead for less than a second is put back.
/// `dts_is_stored`: the container has decoding times (MP4); used where they do not run backwards. Otherwise
/// they are made of the sorted presentation times, less the smallest delay that lets no picture be shown
/// before it is decoded. `last_duration`: of the last sample in ticks; 0: as the one before.
/// ErrorKind::invalid, with a reason for people: times are missing or beyond what an index holds.
[[nodiscard]] Result<TimedSamples> time_samples(std::vector<RawSample> raw, MediaKind kind,
                                                bool dts_is_stored, std::uint32_t timescale,
                                                std::int64_t last_duration);

}  // namespace carrel::streamer
