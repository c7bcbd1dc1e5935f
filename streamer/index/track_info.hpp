#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>

namespace carrel::streamer {

/// The codecs that the packager knows how to describe in an MP4 sample entry.
enum class Codec : std::uint8_t { other = 0, h264, hevc, av1, vp9, aac, mp3, opus, flac };

enum class MediaKind : std::uint8_t { video = 0, audio = 1, subtitle = 2, other = 3 };

/// ISO/IEC 23091-2 code points, as in a `colr` box of type nclx.
struct Colour {
  bool present = false;
  std::uint16_t primaries = 2, transfer = 2, matrix = 2;  ///< 2: unspecified
  bool full_range = false;
  bool operator==(const Colour&) const = default;
};

/// ISO/IEC 14496-12 section 6.2.2: 16.16 fixed point, the third column 2.30.
using Matrix = std::array<std::int32_t, 9>;
inline constexpr Matrix kUnityMatrix{0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000};

/// What is known of one track of a film, samples apart. The same value is written by the indexer and read by
/// the packager.
struct TrackInfo {
  MediaKind kind = MediaKind::other;
  Codec codec = Codec::other;
  bool playable = false;  ///< offered in the playlists; only such a track has samples
  bool is_default = false;
  bool independent =
      true;  ///< each segment begins with a picture after which nothing refers to what came before
  bool reordered = false;       ///< some samples are shown at another time than they are decoded
  std::uint32_t timescale = 1;  ///< ticks a second; not 0

  std::uint32_t width = 0, height = 0;                ///< of the coded picture, pixels
  std::uint32_t aspect_width = 1, aspect_height = 1;  ///< of one pixel; neither is 0
  Matrix matrix = kUnityMatrix;
  Colour colour;

  std::uint32_t sample_rate = 0;  ///< Hz
  std::uint16_t channels = 0;
  std::uint16_t bits_per_sample = 16;

  std::string codec_string;  ///< RFC 6381 where there is one, else a plain name
  std::string language;      ///< as found in the film; may be empty
  std::string title;
  std::string config;  ///< payload of avcC, hvcC, av1C, vpcC, dOps or dfLa; for AAC the AudioSpecificConfig

  bool operator==(const TrackInfo&) const = default;
};

/// Width and height as shown: pixel aspect ratio and quarter turns applied.
[[nodiscard]] std::pair<std::uint32_t, std::uint32_t> shown_size(const TrackInfo& track);

}  // namespace carrel::streamer
