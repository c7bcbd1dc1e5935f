#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "streamer/index/format.hpp"
#include "streamer/index/frame_rate.hpp"
#include "streamer/index/track_info.hpp"

namespace carrel::streamer {

/// A film's index, memory-mapped read-only. Everything it answers has been held against the file's bounds,
/// because the worker that wrote it had parsed outside bytes. Immutable; any thread. The file must not be
/// made shorter while it is mapped.
class IndexView {
 public:
  /// Maps `fd` (not kept) and checks magic, version, structure and, once per (device, inode, size, mtime) in
  /// this process, the checksum. ErrorKind::invalid: damaged, foreign, or of another version: to be made
  /// again.
  [[nodiscard]] static Result<std::shared_ptr<const IndexView>> open(int fd);

  IndexView(const IndexView&) = delete;
  IndexView& operator=(const IndexView&) = delete;
  ~IndexView();

  /// A playable track has at least one segment, each segment at least one sample and a duration; segments
  /// follow each other without a gap in samples and time and cover all samples. What a sample says is not
  /// checked until samples_of().
  struct Track {
    TrackInfo info;
    std::span<const SampleRecord> samples;
    std::span<const SegmentRecord> segments;
    std::span<const PieceRecord> pieces;    ///< of scattered samples; unchecked, see pieces_of()
    std::span<const PieceRecord> document;  ///< each inside the film or the literals
    std::span<const CueRecord> cues;        ///< their texts: text()
    std::string_view literals;
    FrameRate frame_rate;  ///< of a picture
  };

  /// Index in this list is the track's number everywhere. At most kMaxIndexTracks.
  [[nodiscard]] const std::vector<Track>& tracks() const noexcept { return tracks_; }
  /// Playable and there, or null.
  [[nodiscard]] const Track* playable_track(std::uint32_t number) const noexcept;

  /// The samples of one segment of this view. ErrorKind::invalid when one of them lies outside of the film,
  /// or when their sizes or durations do not add up to the segment's.
  [[nodiscard]] Result<std::span<const SampleRecord>> samples_of(const Track& track,
                                                                 const SegmentRecord& segment) const;

  /// The pieces of a scattered sample of this view, each inside the film or the literals; together as long as
  /// the sample. ErrorKind::invalid: they are not.
  [[nodiscard]] Result<std::span<const PieceRecord>> pieces_of(const Track& track,
                                                               const SampleRecord& sample) const;

  /// Of a cue or a chapter; empty where it lies outside of the file.
  [[nodiscard]] std::string_view text(const TableRef& at) const noexcept;

  [[nodiscard]] std::span<const ChapterRecord> chapters() const noexcept { return chapters_; }
  [[nodiscard]] const std::string& findings() const noexcept { return findings_; }  ///< one a line
  [[nodiscard]] std::int64_t origin_ticks() const noexcept { return header_.origin_ticks; }
  [[nodiscard]] std::uint32_t origin_timescale() const noexcept { return header_.origin_timescale; }
  [[nodiscard]] const std::string& container() const noexcept { return container_; }
  [[nodiscard]] const std::string& problem() const noexcept { return problem_; }  ///< why it does not play
  [[nodiscard]] std::uint64_t duration_us() const noexcept { return header_.duration_us; }
  /// Size and modification time of the film when it was indexed: another film has the index made again.
  [[nodiscard]] std::uint64_t film_bytes() const noexcept { return header_.film_bytes; }
  [[nodiscard]] std::int64_t film_mtime_ns() const noexcept { return header_.film_mtime_ns; }

 private:
  explicit IndexView(std::span<const std::byte> mapped) : mapped_(mapped) {}
  [[nodiscard]] Result<void> read();
  [[nodiscard]] Result<Track> read_track(std::uint32_t number) const;
  [[nodiscard]] bool inside(const PieceRecord& piece, std::size_t literal_bytes) const;

  std::span<const std::byte> mapped_;
  Header header_;
  std::string container_, problem_, findings_;
  std::span<const ChapterRecord> chapters_;
  std::vector<Track> tracks_;
};

}  // namespace carrel::streamer
