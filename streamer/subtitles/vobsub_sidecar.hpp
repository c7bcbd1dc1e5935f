#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace carrel::streamer::subtitles {

struct VobSubPicture {
  std::int64_t us = 0;  ///< as the .idx says
  std::string bytes;
};

/// One language of an .idx file.
struct VobSubTrack {
  std::string language;  ///< two letters, or empty
  std::vector<VobSubPicture> pictures;
};

/// Takes an .idx text and its .sub apart; tracks without a whole picture are left out. Bounded by what the
/// .sub holds.
[[nodiscard]] std::vector<VobSubTrack> parse_vobsub(std::string_view idx, std::string_view sub);

}  // namespace carrel::streamer::subtitles
