#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "streamer/demux/nal.hpp"
#include "streamer/index/track_info.hpp"

/// How bright the pictures of an HDR film are, and what they were made on: static metadata.
namespace carrel::streamer {

/// In the units of mdcv: 1/50,000, and 1/10,000 cd/m².
struct MasteringDisplay {
  using Point = std::array<std::uint16_t, 2>;
  std::array<Point, 3> primaries{};  ///< green, blue, red
  Point white{};
  std::uint32_t most = 0, least = 0;
};
[[nodiscard]] std::string mdcv_payload(const MasteringDisplay& display);
/// The brightest pixel, and the brightest picture on average, cd/m².
[[nodiscard]] std::string clli_payload(std::uint32_t most, std::uint32_t most_average);

/// What a bitstream tells of it, the first of each.
class Light {
 public:
  /// An SEI NAL unit of H.264 or HEVC, whose header has `header_bytes`.
  void meet_sei(Bytes nal, std::size_t header_bytes);
  /// The payload of a metadata OBU of AV1.
  void meet_metadata(Bytes payload);
  /// Fills in what the container did not tell. The transfer that a broadcast names for those who know it
  /// (HLG) goes before the one that it has for everybody else.
  void complete(TrackInfo& info) const;

 private:
  [[nodiscard]] bool known() const { return !display_.empty() && !light_.empty() && !transfer_.empty(); }

  std::string display_, light_;  ///< payloads of mdcv and clli
  std::string transfer_;         ///< a byte, as in Colour
};

}  // namespace carrel::streamer
