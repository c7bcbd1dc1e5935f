#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace carrel::streamer {

/// The codecs that the packager knows how to describe in an MP4 sample entry.
enum class Codec : std::uint8_t {
  other = 0,
  h264,
  hevc,
  av1,
  vp9,
  aac,
  mp3,
  opus,
  flac,
  vp8,
  ac3,
  eac3,
  alac,
  dts,
};
inline constexpr Codec kLastCodec = Codec::dts;

enum class MediaKind : std::uint8_t { video = 0, audio = 1, subtitle = 2, other = 3 };

/// What can be done with a track.
enum class TrackUse : std::uint8_t {
  none = 0,
  remux,      ///< its samples go out as they are
  transcode,  ///< sound whose samples are known, to be made into AAC on the fly
  convert,    ///< a picture that no player of HLS plays: it needs a variant
  cues,       ///< subtitles as text
  pictures,   ///< subtitles as pictures, for a renderer in the player
};
inline constexpr TrackUse kLastTrackUse = TrackUse::pictures;

/// ISO/IEC 23091-2 code points, as in a `colr` box of type nclx.
struct Colour {
  bool present = false;
  std::uint16_t primaries = 2, transfer = 2, matrix = 2;  ///< 2: unspecified
  bool full_range = false;
  bool operator==(const Colour&) const = default;
};

inline constexpr std::size_t kMasteringDisplayBytes = 24, kContentLightBytes = 4;

/// ISO/IEC 14496-12 section 6.2.2: 16.16 fixed point, the third column 2.30.
using Matrix = std::array<std::int32_t, 9>;
inline constexpr Matrix kUnityMatrix{0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000};

/// What is known of one track of a film, samples apart. The same value is written by the indexer and read by
/// the packager.
struct TrackInfo {
  MediaKind kind = MediaKind::other;
  Codec codec = Codec::other;
  TrackUse use = TrackUse::none;
  bool is_default = false;
  bool forced = false;            ///< subtitles: shown even to those who want none
  bool hearing_impaired = false;  ///< subtitles: sounds are described, too
  bool external = false;          ///< from a file beside the film
  bool independent =
      true;  ///< each segment begins with a picture after which nothing refers to what came before
  bool reordered = false;       ///< some samples are shown at another time than they are decoded
  std::uint32_t timescale = 1;  ///< ticks a second; not 0

  std::uint32_t width = 0, height = 0;                ///< of the coded picture, pixels
  std::uint32_t aspect_width = 1, aspect_height = 1;  ///< of one pixel; neither is 0
  Matrix matrix = kUnityMatrix;
  Colour colour;
  std::string mastering_display;  ///< payload of mdcv; empty: not known
  std::string content_light;      ///< payload of clli; likewise

  std::uint32_t sample_rate = 0;  ///< Hz
  std::uint16_t channels = 0;
  std::uint16_t bits_per_sample = 16;
  std::uint32_t priming = 0;       ///< sound: decoded samples before the first that is to be heard
  std::uint32_t trailing = 0;      ///< sound: decoded samples after the last
  std::uint64_t channel_mask = 0;  ///< libav's bits of the loudspeakers; 0: not known
  std::uint32_t decoder = 0;       ///< libav's number of the codec: for what is decoded
  std::uint32_t coded_bits = 0;    ///< bits of a coded sample; PCM and its like
  std::uint16_t block_bytes = 0;   ///< libav's block_align

  std::string codec_string;  ///< RFC 6381 where there is one, else a plain name
  std::string language;      ///< as found in the film; may be empty
  std::string title;
  /// Payload of avcC, hvcC, av1C, vpcC, dOps, dfLa, dac3, dec3, alac or ddts; for AAC the
  /// AudioSpecificConfig. Of a track to be transcoded: libav's extradata.
  std::string config;

  [[nodiscard]] bool playable() const { return use == TrackUse::remux; }

  bool operator==(const TrackInfo&) const = default;
};

/// Width and height as shown: pixel aspect ratio and quarter turns applied.
[[nodiscard]] std::pair<std::uint32_t, std::uint32_t> shown_size(const TrackInfo& track);

}  // namespace carrel::streamer
