#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "streamer/protocol/index_version.hpp"

/// The index file, byte for byte. Little endian, every table aligned to 8 bytes:
///
///   Header | TrackRecord × track_count | per track: samples, segments, pieces, document, cues, literals,
///   texts | chapters | texts
///
/// A change of any record is a change of kIndexVersion: an index of another version is made again, never
/// converted.
namespace carrel::streamer {

static_assert(std::endian::native == std::endian::little, "the index is mapped, not decoded");

inline constexpr std::size_t kMaxIndexTracks = 64;
inline constexpr std::size_t kMaxIndexSamples = 4'500'000;   ///< of all tracks together: 108 MB
inline constexpr std::size_t kMaxSampleBytes = 256U << 20;   ///< of one sample
inline constexpr std::size_t kMaxConfigBytes = 256 * 1024;   ///< of one track's codec configuration
inline constexpr std::size_t kMaxPieces = 16'000'000;        ///< of one track
inline constexpr std::size_t kMaxLiteralBytes = 256U << 20;  ///< of one track
inline constexpr std::size_t kMaxCues = 200'000;             ///< of one track
inline constexpr std::size_t kMaxChapters = 1'000;
inline constexpr std::uint64_t kMaxTicks = std::uint64_t{1} << 56;  ///< any time of an index, in ticks

/// `count` elements (bytes for texts) from `offset` of the index file.
struct TableRef {
  std::uint64_t offset = 0;
  std::uint64_t count = 0;
};

struct Header {
  std::array<char, 8> magic{};
  std::uint32_t version = 0;
  std::uint32_t track_count = 0;
  std::uint64_t checksum = 0;  ///< XXH64 of the whole file with this field 0
  std::uint64_t total_bytes = 0;
  std::uint64_t film_bytes = 0;
  std::int64_t film_mtime_ns = 0;
  std::uint64_t duration_us = 0;
  std::int64_t origin_ticks = 0;  ///< the film's own time that is zero here, in 1/origin_timescale s
  std::uint32_t origin_timescale = 1;
  std::uint32_t padding = 0;
  TableRef container;
  TableRef problem;
  TableRef findings;  ///< what is wrong with the file, one a line
  TableRef chapters;
};

struct TrackRecord {
  std::uint8_t kind = 0, codec = 0, use = 0, is_default = 0;
  std::uint8_t independent = 0, colour_present = 0, full_range = 0, reordered = 0;
  std::uint8_t forced = 0, hearing_impaired = 0, external = 0, padding1 = 0;
  std::uint32_t timescale = 0;
  std::uint32_t width = 0, height = 0, aspect_width = 0, aspect_height = 0;
  std::uint32_t sample_rate = 0;
  std::uint16_t channels = 0, bits_per_sample = 0;
  std::uint16_t primaries = 0, transfer = 0, matrix_coefficients = 0, block_bytes = 0;
  std::array<std::int32_t, 9> matrix{};
  std::uint32_t decoder = 0, coded_bits = 0;
  std::uint32_t priming = 0, trailing = 0;
  std::uint32_t shown_pictures = 0, highest_milliframes = 0, padding2 = 0;
  std::uint64_t channel_mask = 0;
  TableRef samples, segments, pieces, document, cues, literals, codec_string, language, title, config;
  TableRef mastering_display, content_light;
};

inline constexpr std::uint32_t kSampleSync = 1;       ///< a player may begin here
inline constexpr std::uint32_t kSampleScattered = 2;  ///< `offset` is the number of its first piece

/// One sample: where its bytes lie in the film, and its timing in ticks of the track.
struct SampleRecord {
  std::uint64_t offset = 0;  ///< of the film; of a scattered sample: into the track's pieces
  std::uint32_t size = 0;
  std::uint32_t duration = 0;           ///< to the next sample in decoding order
  std::int32_t composition_offset = 0;  ///< presentation minus decoding time
  std::uint32_t flags = 0;
  bool operator==(const SampleRecord&) const = default;
};

inline constexpr std::uint64_t kPieceLiteral = std::uint64_t{1} << 63;  ///< in `offset`

/// A part of what is not stored in one piece: of a scattered sample, which ends with the piece that completes
/// its size, or of a document. Bytes of the film from `offset` on, or with kPieceLiteral of the track's
/// literals. With a stride the bytes come in parts of `part` bytes, each `stride` bytes after the one before
/// (the payloads of an MPEG-TS); the last part may be shorter.
struct PieceRecord {
  std::uint64_t offset = 0;
  std::uint32_t length = 0;  ///< that it gives; not 0
  std::uint16_t part = 0;    ///< with a stride: 1 to stride
  std::uint16_t stride = 0;  ///< 0: in one part
  bool operator==(const PieceRecord&) const = default;
};

/// A subtitle of a text track, as WebVTT has it. Times are those of the shifted film.
struct CueRecord {
  std::uint64_t start_us = 0;
  std::uint64_t end_us = 0;  ///< not before the start
  TableRef text;             ///< payload, UTF-8, no blank line in it
  TableRef settings;         ///< "align:start line:10%"; mostly empty
};

struct ChapterRecord {
  std::uint64_t start_us = 0;
  std::uint64_t end_us = 0;
  TableRef title;
};

struct SegmentRecord {
  std::uint32_t first_sample = 0;
  std::uint32_t sample_count = 0;
  std::uint64_t start = 0;  ///< decoding time of the first sample, ticks; never negative (whole film shifted)
  std::uint64_t duration = 0;    ///< ticks; the sum of its samples' durations
  std::uint64_t bytes = 0;       ///< of its samples
  std::uint64_t mdat_bytes = 0;  ///< of its samples and the gaps between them that are sent along
  std::uint32_t runs = 1;        ///< of samples that lie side by side in `mdat`; 1 to sample_count
  std::uint32_t padding = 0;
  bool operator==(const SegmentRecord&) const = default;
};

static_assert(sizeof(Header) == 136 && sizeof(TrackRecord) == 312);
static_assert(sizeof(SampleRecord) == 24 && sizeof(SegmentRecord) == 48);
static_assert(sizeof(PieceRecord) == 16 && sizeof(CueRecord) == 48 && sizeof(ChapterRecord) == 32);
static_assert(std::is_trivially_copyable_v<Header> && std::is_trivially_copyable_v<TrackRecord>);

}  // namespace carrel::streamer
