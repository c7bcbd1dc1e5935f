#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "streamer/demux/raw_sample.hpp"

namespace carrel::streamer {

/// Pictures of which only those that follow tell whether decoding is clean there: open where one of these
/// leads, else sync.
void settle_doubtful_entries(std::vector<RawSample>& samples);

/// The samples at which segments may begin.
struct Entries {
  std::vector<std::size_t> samples;
  bool independent = true;  ///< all of them are true sync samples
};

/// True sync samples, and the first sample. Only where they lie so far apart that a player could not start or
/// seek in reasonable time (an open-GOP film has but one IDR picture, at its beginning), open entries as
/// well.
[[nodiscard]] Entries entries_of(std::span<const RawSample> samples, std::uint32_t timescale);

}  // namespace carrel::streamer
