#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "streamer/index/track_info.hpp"

/// H.264 and HEVC as MPEG-TS has them: NAL units behind start codes instead of lengths (ITU-T H.264 annex B,
/// H.265 annex B).
namespace carrel::streamer {

/// How a picture's samples are turned, from its avcC or hvcC alone.
struct AnnexB {
  std::string delimiter;       ///< access unit delimiter, with its start code
  std::string parameter_sets;  ///< each with its start code
  std::size_t length_bytes = 4;
  bool hevc = false;

  /// What a sample becomes is longer by so much than itself.
  [[nodiscard]] std::size_t added_bytes(bool sync) const {
    return delimiter.size() + (sync ? parameter_sets.size() : 0);
  }
  /// Appends the sample's access unit, exactly that much longer.
  void append(std::string& to, std::string sample, bool sync) const;
};

/// ErrorKind::not_found: no such codec, or its lengths have not as many bytes as a start code.
[[nodiscard]] Result<AnnexB> annexb_of(const TrackInfo& picture);

}  // namespace carrel::streamer
