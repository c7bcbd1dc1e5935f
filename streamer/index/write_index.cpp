#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <span>
#include <string_view>

#include "streamer/index/checksum.hpp"
#include "streamer/index/film_index.hpp"
#include "streamer/index/frame_rate.hpp"

namespace carrel::streamer {
namespace {

constexpr std::uint64_t kAlignment = 8;

constexpr std::uint64_t aligned(std::uint64_t offset) {
  return (offset + kAlignment - 1) / kAlignment * kAlignment;
}

Result<void> write_at(int fd, std::span<const std::byte> bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno_error("write the index of a film", errno);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
  return {};
}

/// Where each part will lie: the file's layout is known before a byte of it is written.
class Layout {
 public:
  explicit Layout(std::size_t tracks) : end_(sizeof(Header) + tracks * sizeof(TrackRecord)) {}

  TableRef place(std::uint64_t count, std::uint64_t element_bytes) {
    end_ = aligned(end_);
    const TableRef table{end_, count};
    end_ += count * element_bytes;
    return table;
  }
  TableRef place(std::string_view text) { return place(text.size(), 1); }
  [[nodiscard]] std::uint64_t end() const { return aligned(end_); }

 private:
  std::uint64_t end_;
};

std::vector<CueRecord> place_cues(const std::vector<FilmIndex::Cue>& cues, Layout& layout) {
  std::vector<CueRecord> records;
  records.reserve(cues.size());
  for (const FilmIndex::Cue& cue : cues)
    records.push_back({cue.start_us, cue.end_us, layout.place(cue.text), layout.place(cue.settings)});
  return records;
}

std::vector<ChapterRecord> place_chapters(const std::vector<FilmIndex::Chapter>& chapters, Layout& layout) {
  std::vector<ChapterRecord> records;
  records.reserve(chapters.size());
  for (const FilmIndex::Chapter& chapter : chapters)
    records.push_back({chapter.start_us, chapter.end_us, layout.place(chapter.title)});
  return records;
}

/// A track's records as they will lie in the file.
struct PlacedTrack {
  TrackRecord record;
  std::vector<CueRecord> cues;
};

TrackRecord record_of(const FilmIndex::Track& track, Layout& layout) {
  const TrackInfo& info = track.info;
  TrackRecord record;
  record.kind = static_cast<std::uint8_t>(info.kind);
  record.codec = static_cast<std::uint8_t>(info.codec);
  record.use = static_cast<std::uint8_t>(info.use);
  record.is_default = info.is_default;
  record.forced = info.forced;
  record.hearing_impaired = info.hearing_impaired;
  record.external = info.external;
  record.independent = info.independent;
  record.reordered = info.reordered;
  record.colour_present = info.colour.present;
  record.full_range = info.colour.full_range;
  record.timescale = info.timescale;
  record.width = info.width;
  record.height = info.height;
  record.aspect_width = info.aspect_width;
  record.aspect_height = info.aspect_height;
  record.sample_rate = info.sample_rate;
  record.channels = info.channels;
  record.bits_per_sample = info.bits_per_sample;
  record.primaries = info.colour.primaries;
  record.transfer = info.colour.transfer;
  record.matrix_coefficients = info.colour.matrix;
  record.matrix = info.matrix;
  record.priming = info.priming;
  record.trailing = info.trailing;
  if (info.kind == MediaKind::video) {
    const FrameRate rate = frame_rate_of(track.samples, info.timescale);
    record.shown_pictures = rate.shown;
    record.highest_milliframes = rate.highest_milliframes;
  }
  record.channel_mask = info.channel_mask;
  record.decoder = info.decoder;
  record.coded_bits = info.coded_bits;
  record.block_bytes = info.block_bytes;
  record.samples = layout.place(track.samples.size(), sizeof(SampleRecord));
  record.segments = layout.place(track.segments.size(), sizeof(SegmentRecord));
  record.pieces = layout.place(track.pieces.size(), sizeof(PieceRecord));
  record.document = layout.place(track.document.size(), sizeof(PieceRecord));
  record.cues = layout.place(track.cues.size(), sizeof(CueRecord));
  record.literals = layout.place(track.literals);
  record.codec_string = layout.place(info.codec_string);
  record.language = layout.place(info.language);
  record.title = layout.place(info.title);
  record.config = layout.place(info.config);
  record.mastering_display = layout.place(info.mastering_display);
  record.content_light = layout.place(info.content_light);
  return record;
}

/// Appends to the file and to the checksum, in the order of the layout.
class Output {
 public:
  Output(int fd, Checksum checksum) : fd_(fd), checksum_(checksum) {}

  template <class T>
  Result<void> table(const TableRef& at, std::span<const T> elements) {
    const auto padded = pad(at.offset);
    if (!padded) return padded;
    return append(std::as_bytes(elements));
  }
  Result<void> text(const TableRef& at, std::string_view text) {
    return table(at, std::span<const char>(text.data(), text.size()));
  }
  Result<void> pad(std::uint64_t to) {
    static constexpr std::array<std::byte, kAlignment> zeros{};
    return append(std::span(zeros).first(static_cast<std::size_t>(to - at_)));
  }
  void start_at(std::uint64_t offset) { at_ = offset; }
  [[nodiscard]] std::uint64_t checksum() const { return checksum_.digest(); }

 private:
  Result<void> append(std::span<const std::byte> bytes) {
    checksum_.update(bytes);
    const auto written = write_at(fd_, bytes, at_);
    at_ += bytes.size();
    return written;
  }

  int fd_;
  Checksum checksum_;
  std::uint64_t at_ = 0;
};

Result<void> write_track(Output& out, const PlacedTrack& placed, const FilmIndex::Track& track) {
  const TrackRecord& record = placed.record;
  auto done = out.table(record.samples, std::span(track.samples));
  if (done) done = out.table(record.segments, std::span(track.segments));
  if (done) done = out.table(record.pieces, std::span(track.pieces));
  if (done) done = out.table(record.document, std::span(track.document));
  if (done) done = out.table(record.cues, std::span(placed.cues));
  if (done) done = out.text(record.literals, track.literals);
  if (done) done = out.text(record.codec_string, track.info.codec_string);
  if (done) done = out.text(record.language, track.info.language);
  if (done) done = out.text(record.title, track.info.title);
  if (done) done = out.text(record.config, track.info.config);
  if (done) done = out.text(record.mastering_display, track.info.mastering_display);
  if (done) done = out.text(record.content_light, track.info.content_light);
  for (std::size_t i = 0; done && i < placed.cues.size(); ++i) {
    done = out.text(placed.cues[i].text, track.cues[i].text);
    if (done) done = out.text(placed.cues[i].settings, track.cues[i].settings);
  }
  return done;
}

std::string lines_of(const std::vector<std::string>& findings) {
  std::string lines;
  for (const std::string& finding : findings) lines += (lines.empty() ? "" : "\n") + finding;
  return lines;
}

}  // namespace

Result<void> write_index(int fd, const FilmIndex& film) {
  Layout layout(film.tracks.size());
  std::vector<PlacedTrack> placed;
  std::vector<TrackRecord> records;
  for (const FilmIndex::Track& track : film.tracks) {
    const TrackRecord record = record_of(track, layout);
    placed.push_back({record, place_cues(track.cues, layout)});
    records.push_back(record);
  }

  Header header;
  header.magic = kIndexMagic;
  header.version = kIndexVersion;
  header.track_count = static_cast<std::uint32_t>(film.tracks.size());
  header.film_bytes = film.film_bytes;
  header.film_mtime_ns = film.film_mtime_ns;
  header.duration_us = film.duration_us;
  header.origin_ticks = film.origin_ticks;
  header.origin_timescale = film.origin_timescale;
  const std::string findings = lines_of(film.findings);
  header.container = layout.place(film.container);
  header.problem = layout.place(film.problem);
  header.findings = layout.place(findings);
  header.chapters = layout.place(film.chapters.size(), sizeof(ChapterRecord));
  const std::vector<ChapterRecord> chapters = place_chapters(film.chapters, layout);
  header.total_bytes = layout.end();

  Checksum checksum;
  checksum.update(std::as_bytes(std::span(&header, 1)));
  Output out(fd, checksum);
  out.start_at(sizeof header);
  auto done = out.table(TableRef{sizeof header, records.size()}, std::span<const TrackRecord>(records));
  for (std::size_t i = 0; done && i < records.size(); ++i) done = write_track(out, placed[i], film.tracks[i]);
  if (done) done = out.text(header.container, film.container);
  if (done) done = out.text(header.problem, film.problem);
  if (done) done = out.text(header.findings, findings);
  if (done) done = out.table(header.chapters, std::span<const ChapterRecord>(chapters));
  for (std::size_t i = 0; done && i < chapters.size(); ++i)
    done = out.text(chapters[i].title, film.chapters[i].title);
  if (done) done = out.pad(header.total_bytes);
  if (!done) return done;

  header.checksum = out.checksum();
  return write_at(fd, std::as_bytes(std::span(&header, 1)), 0);
}

}  // namespace carrel::streamer
