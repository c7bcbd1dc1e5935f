#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "streamer/index/format.hpp"
#include "streamer/index/track_info.hpp"

namespace carrel::streamer {

/// The content of an index, as a value: what the indexer makes and write_index() stores.
struct FilmIndex {
  struct Cue {
    std::uint64_t start_us = 0, end_us = 0;
    std::string text, settings;
    bool operator==(const Cue&) const = default;
  };
  struct Chapter {
    std::uint64_t start_us = 0, end_us = 0;
    std::string title;
    bool operator==(const Chapter&) const = default;
  };
  struct Track {
    TrackInfo info;
    std::vector<SampleRecord> samples;    ///< in decoding order
    std::vector<SegmentRecord> segments;  ///< a partition of the samples, in order
    std::vector<PieceRecord> pieces;      ///< of scattered samples, in their order
    std::vector<PieceRecord> document;    ///< of subtitles: the whole as a file of its own (ASS, SUP, VobSub)
    std::vector<Cue> cues;                ///< by start
    std::string literals;                 ///< bytes that the film does not have as they are sent
  };
  std::string container;  ///< "mp4", "mov", "mkv", "webm", …
  std::string problem;    ///< why it does not play; empty when it does
  std::uint64_t film_bytes = 0;
  std::int64_t film_mtime_ns = 0;
  std::uint64_t duration_us = 0;
  std::int64_t origin_ticks = 0;  ///< the film's own time that is zero in the index, in 1/origin_timescale s
  std::uint32_t origin_timescale = 1;
  std::vector<std::string> findings;  ///< what is wrong with the file, for people; no line ends
  std::vector<Chapter> chapters;      ///< by start
  std::vector<Track> tracks;          ///< at most kMaxIndexTracks
};

/// Writes the index from offset 0 of `fd`, a writable, empty, seekable file; the header last, so that an
/// unfinished file is never taken for an index. ErrorKind::internal: the file could not be written.
[[nodiscard]] Result<void> write_index(int fd, const FilmIndex& film);

}  // namespace carrel::streamer
