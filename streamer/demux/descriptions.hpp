#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "streamer/demux/pieces.hpp"
#include "streamer/demux/raw_sample.hpp"
#include "streamer/index/track_info.hpp"

namespace carrel::streamer {

/// The sample descriptions of an H.264 or HEVC track of which there are several (ISO/IEC 14496-12 section
/// 8.5.2). One init segment has one of them: their parameter sets go with the samples instead. Pure.
class Descriptions {
 public:
  explicit Descriptions(Codec codec) : codec_(codec) {}

  /// From sample number `sample` on that with the configuration `config` holds; at the beginning it was
  /// `first` (payloads of avcC or hvcC). False: that cannot be followed.
  [[nodiscard]] bool change(std::size_t sample, const std::string& first, const std::string& config);
  [[nodiscard]] bool several() const { return changes_.size() > 1; }
  /// Puts the sets of its description before every sample at which a player may begin, and before the first
  /// of each description. False: the samples are stored in a way that has no room for them.
  [[nodiscard]] bool put_before(std::vector<RawSample>& samples, PieceList& pieces) const;

 private:
  struct Change {
    std::size_t sample;
    std::string sets;  ///< NAL units behind their lengths, as in a sample
  };

  Codec codec_;
  std::vector<Change> changes_;
  std::size_t stored_ = 0;  ///< bytes of all sets
};

}  // namespace carrel::streamer
