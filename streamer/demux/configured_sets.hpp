#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "streamer/demux/nal.hpp"
#include "streamer/demux/parameter_sets.hpp"
#include "streamer/index/track_info.hpp"

namespace carrel::streamer {

/// What the payload of an avcC or hvcC has beside numbers.
struct ConfiguredSets {
  std::size_t length_bytes = 4;  ///< of a NAL unit's length in the samples
  std::vector<Bytes> units;      ///< parts of what was read
};

/// ISO/IEC 14496-15 sections 5.3.3.1 and 8.3.3.1. Empty: it is damaged, or lacks sets.
[[nodiscard]] std::optional<ConfiguredSets> configured_sets(Codec codec, const std::string& config);

/// Of the first sequence parameter set in the payload of an avcC or hvcC.
[[nodiscard]] std::optional<SequenceInfo> sequence_of(Codec codec, const std::string& config);

}  // namespace carrel::streamer
