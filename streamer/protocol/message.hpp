#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What the daemon and a sandbox say to each other: one message per SOCK_SEQPACKET datagram, descriptors
/// beside it as SCM_RIGHTS. Values only; the bytes are in codec.hpp and the socket in channel.hpp.
///
/// A streamer's word is never trusted: the daemon accepts `Done`, `Indexed`, `IndexProgress` and `Attempt`
/// only for requests that it gave to that very sandbox.
namespace carrel::protocol {

inline constexpr std::uint16_t kVersion = 7;
inline constexpr std::size_t kMaxMessageBytes = 60 * 1024;
inline constexpr std::size_t kMaxDescriptors = 20;
inline constexpr std::size_t kMaxRanges = 16;
inline constexpr std::size_t kMaxEntityTags = 32;
inline constexpr std::size_t kMaxText = 1024;  ///< longest string in any message, bytes
inline constexpr std::size_t kMaxTracks = 64;
inline constexpr std::size_t kMaxVariants = 8;    ///< of one film
inline constexpr std::size_t kMaxSidecars = 16;   ///< subtitle files of one film
inline constexpr std::size_t kMaxFindings = 16;   ///< told of one film
inline constexpr std::size_t kMaxPictures = 256;  ///< of one job
inline constexpr std::size_t kMaxTransfers = 64;  ///< that a streamer runs at once
inline constexpr std::size_t kMaxAttempts = 256;  ///< of one verification

using RequestId = std::uint64_t;

/// Streamer → daemon, first message of each connection. That it arrives is the readiness signal.
struct Hello {
  std::uint16_t version = kVersion;
  std::uint32_t earlier_transfers = 0;  ///< answers that an earlier daemon asked for and that still run
};

/// RFC 9110 section 14.1.2: one element of a Range header, not yet held against a length.
struct ByteRange {
  std::optional<std::uint64_t> first;  ///< absent: a suffix of `last` bytes
  std::optional<std::uint64_t> last;   ///< inclusive; absent: to the end
  bool operator==(const ByteRange&) const = default;
};

struct EntityTag {
  std::string opaque;  ///< without the quotes
  bool weak = false;
  bool operator==(const EntityTag&) const = default;
};

/// If-Match / If-None-Match: `*` or a list (RFC 9110 section 13.1).
struct TagCondition {
  bool any = false;
  std::vector<EntityTag> tags;
  bool operator==(const TagCondition&) const = default;
};

/// The request's conditions, parsed and bounded by the daemon. Dates are Unix seconds.
struct Conditions {
  std::optional<TagCondition> if_match;
  std::optional<TagCondition> if_none_match;
  std::optional<std::int64_t> if_modified_since;
  std::optional<std::int64_t> if_unmodified_since;
  std::optional<std::variant<EntityTag, std::int64_t>> if_range;
  std::vector<ByteRange> ranges;  ///< empty: no (usable) Range header
  bool operator==(const Conditions&) const = default;
};

enum class Resource : std::uint8_t {
  original = 0,            ///< the film's own bytes
  master = 1,              ///< HLS multivariant playlist
  media_playlist = 2,      ///< of `track`
  init = 3,                ///< initialisation segment of `track`
  segment = 4,             ///< media segment `segment` of `track`
  iframe_playlist = 5,     ///< HLS, the sync samples of the picture `track` alone
  dash = 6,                ///< MPD of the whole film
  ts_master = 7,           ///< HLS multivariant playlist for players that know MPEG-TS only
  ts_playlist = 8,         ///< MPEG-TS: the picture `track` with the default sound, or subtitles
  ts_segment = 9,          ///< its segment `segment`
  subtitles = 10,          ///< of `track`: all of them as one WebVTT file
  subtitle_document = 11,  ///< of `track`: as it is, ASS, SUP or VobSub's .sub
  subtitle_index = 12,     ///< of `track`: VobSub's .idx
  chapters_json = 13,
  chapters_vtt = 14,
};
inline constexpr Resource kLastResource = Resource::chapters_vtt;

/// In what form a track is wanted: each is a rendition of its own.
enum class Form : std::uint8_t {
  source = 0,        ///< the samples as the film has them
  aac_stereo = 1,    ///< sound made into AAC, mixed down to two channels
  aac_surround = 2,  ///< sound made into AAC with 5.1 channels
};

/// What a client says it plays: bits of Serve::plays.
enum class Plays : std::uint8_t { h264, hevc, av1, vp8, vp9, aac, mp3, opus, flac, ac3, eac3, alac, dts };
inline constexpr std::uint32_t kPlaysAll = (std::uint32_t{1} << (static_cast<unsigned>(Plays::dts) + 1)) - 1;
[[nodiscard]] constexpr std::uint32_t bit_of(Plays what) {
  return std::uint32_t{1} << static_cast<unsigned>(what);
}

/// Daemon → streamer. Descriptors: [answer, film] and, for everything but `original`, [index] as third. For
/// `master`, `dash` and `ts_master` the indexes of `variants` follow, in that order. A resource of a variant
/// is asked for with the variant's own file and index as film and index. The answer is a stream socket or a
/// pipe with O_NONBLOCK set (the open file is shared, so the streamer does not set it); the film is a regular
/// file. The answer's bytes are a function of this message, the film and the index, and of nothing else: that
/// is why an answer that a dead sandbox began can be ended by another one (`skip`).
struct Serve {
  RequestId id = 0;
  Resource resource = Resource::original;
  std::uint32_t track = 0;    ///< as in the index
  std::uint32_t segment = 0;  ///< from 0
  Form form = Form::source;
  std::uint32_t plays = 0;  ///< what the client plays (Plays), for playlists of a whole film; 0: not known
  std::vector<std::string> variants{};  ///< their names in URLs: [a-z0-9]+, at most 16 bytes
  bool head = false;                    ///< HEAD: the header alone
  bool keep_alive = true;               ///< false: the answer says `Connection: close`
  std::int64_t date = 0;                ///< Unix seconds for the Date header
  std::uint64_t skip = 0;    ///< bytes of the answer (header included) that the client has been sent already
  std::string content_type;  ///< of `original`
  std::string request_id;    ///< answered as X-Request-Id; visible ASCII
  /// Seconds: when it is worth asking again, should the index be damaged; 0: not said.
  std::uint32_t retry_after = 0;
  Conditions conditions;
};

/// A subtitle file beside the film: what its name tells.
struct Sidecar {
  std::string extension;  ///< lower case, without the dot: "srt", "ass", "ssa", "vtt", "sub", "idx", "sup"
  std::string language;   ///< BCP 47 or ISO 639; may be empty
  std::string title;
  bool forced = false;
  bool hearing_impaired = false;
  bool operator==(const Sidecar&) const = default;
};

/// Daemon → a worker sandbox. Descriptors: [film (read-only), index (empty, writable), one for each sidecar].
struct Index {
  RequestId id = 0;
  std::string extension;  ///< lower case, without the dot; a hint, content decides
  std::vector<Sidecar> sidecars{};
};

/// In Done::bad_variants: the `number`th of Serve::variants.
[[nodiscard]] constexpr std::uint32_t bit_of_variant(std::size_t number) {
  return number < kMaxVariants ? std::uint32_t{1} << number : 0;
}

enum class Outcome : std::uint8_t {
  complete = 0,     ///< every byte is in the socket
  client_gone = 1,  ///< the client closed or reset the connection
  film_error = 2,   ///< the film could not be read as the index says; connection must be closed
  bad_index = 3,    ///< damaged or foreign index; a 503 problem document was sent whole
  internal = 4,     ///< anything else; connection must be closed
};

/// Streamer → daemon: the answer to `Serve` ended, and the streamer has closed its descriptors.
struct Done {
  RequestId id = 0;
  Outcome outcome = Outcome::complete;
  std::uint16_t status = 0;         ///< HTTP status that was sent; 0: none
  std::uint64_t bytes = 0;          ///< written to the answer by this sandbox, header included, `skip` not
  std::uint64_t first_byte_us = 0;  ///< from `Serve` to the first of these bytes, microseconds
  std::string detail;               ///< for the log; empty when complete
  std::uint32_t bad_variants =
      0;  ///< left out of a playlist, their index being damaged; see bit_of_variant()
};

/// Worker → daemon, at least once a second while indexing: how the daemon tells slow from hung.
struct IndexProgress {
  RequestId id = 0;
  std::uint64_t film_bytes_read = 0;
};

enum class TrackKind : std::uint8_t { video = 0, audio = 1, subtitle = 2, other = 3 };

/// As streamer/index's TrackUse.
enum class TrackUse : std::uint8_t {
  none = 0,
  remux = 1,
  transcode = 2,
  convert = 3,
  cues = 4,
  pictures = 5
};

struct TrackSummary {
  TrackKind kind = TrackKind::other;
  TrackUse use = TrackUse::none;
  bool is_default = false;
  bool forced = false;
  bool hearing_impaired = false;
  bool external = false;          ///< from a file beside the film
  std::uint32_t milliframes = 0;  ///< pictures in 1,000 seconds
  std::string document;           ///< "ass", "sup", "vobsub": there is a subtitle_document of this kind
  std::string codec;              ///< RFC 6381, or the plain name where there is none
  std::string language;           ///< BCP 47 or ISO 639-2 as found; may be empty
  std::string title;
  std::uint32_t width = 0, height = 0;  ///< as shown (rotation and aspect ratio applied)
  std::uint32_t channels = 0, sample_rate = 0;
  std::uint64_t bits_per_second = 0;  ///< average
};

/// Worker → daemon: what the film is. `playable` false with the reason a person reads; `convertible` tells
/// that a variant made by a converter would play.
struct Indexed {
  RequestId id = 0;
  bool readable = false;  ///< false: not a film, or damaged beyond use; nothing was written to the index
  bool playable = false;  ///< over HLS
  bool convertible = false;
  std::string container;  ///< "mp4", "mov", "mkv", "webm", "mpegts", ...; empty when not readable
  std::string mime_type;  ///< of the original, by content: "video/mp4"; empty when not readable
  std::string reason;     ///< why it does not play; empty when it does
  std::uint64_t duration_us = 0;
  std::uint32_t chapters = 0;
  std::vector<std::string> findings;  ///< what is wrong with the file, for people
  std::vector<TrackSummary> tracks;
};

/// Daemon → a verifying sandbox. Descriptors: [a connected TCP socket of the host, a file of the host open
/// for reading].
struct Verify {
  RequestId id = 0;
};

/// Verifying sandbox → daemon: one thing that it tried, at most kMaxAttempts of them.
struct Attempt {
  RequestId id = 0;
  std::string name;
  std::string expected;
  std::string outcome;
  bool refused = false;  ///< as it should be
  bool final = false;    ///< it is tried after this message and should kill the process: no outcome
};

/// Daemon → streamer: answer at once. How the daemon tells a busy streamer from one that hangs.
struct Ping {
  RequestId id = 0;
};

/// Streamer → daemon. The daemon does not have the connections of answers that an earlier one asked for; that
/// `earlier_bytes` changes is how it knows that somebody reads them.
struct Pong {
  RequestId id = 0;
  std::uint32_t earlier_transfers = 0;
  std::uint64_t earlier_bytes = 0;  ///< written so far to those that still run
};

/// Daemon → a converter. Descriptors: [film, its index, out (empty, writable)]. `out` becomes one JPEG: the
/// pictures at `times_us` (nearest sync sample at or before each when `sync_only`, else exactly there) in
/// rows of `columns`.
struct Pictures {
  RequestId id = 0;
  std::vector<std::uint64_t> times_us;  ///< ascending; at most kMaxPictures
  std::uint16_t columns = 1;
  std::uint16_t width = 0, height = 0;  ///< of each, at most; the film's own shape is kept inside
  std::uint8_t quality = 80;            ///< of JPEG, 1 to 100
  bool sync_only = false;
};

/// Converter → daemon: the answer to `Pictures`.
struct PicturesMade {
  RequestId id = 0;
  bool made = false;
  std::string reason;                   ///< why not, for people
  std::uint16_t width = 0, height = 0;  ///< of each
  std::uint64_t bytes = 0;              ///< of `out`
  bool may_work_later = false;          ///< as Converted has it
};

/// Daemon → a converter. Descriptors: [film, its index, media (writable), variant's index (writable),
/// checkpoint (writable)]. The picture is made anew with sync samples where the film's segments begin. Media
/// and checkpoint that an earlier converter left are gone on with.
struct Convert {
  RequestId id = 0;
  std::uint16_t height = 0;           ///< lines of the result; 0: those of the film
  std::uint32_t bits_per_second = 0;  ///< at most, of the picture
};

/// Converter → daemon, at least once a second.
struct ConvertProgress {
  RequestId id = 0;
  std::uint64_t done_us = 0;
};

/// Converter → daemon: the answer to `Convert`.
struct Converted {
  RequestId id = 0;
  bool made = false;
  std::string reason;  ///< why not, for people
  TrackSummary picture;
  bool may_work_later = false;  ///< not the film's fault: the same job may go well another time
};

using Message = std::variant<Hello, Serve, Index, Done, IndexProgress, Indexed, Verify, Attempt, Ping, Pong,
                             Pictures, PicturesMade, Convert, ConvertProgress, Converted>;

}  // namespace carrel::protocol
