#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <span>
#include <string_view>

#include "streamer/index/checksum.hpp"
#include "streamer/index/film_index.hpp"

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

TrackRecord record_of(const FilmIndex::Track& track, Layout& layout) {
  const TrackInfo& info = track.info;
  TrackRecord record;
  record.kind = static_cast<std::uint8_t>(info.kind);
  record.codec = static_cast<std::uint8_t>(info.codec);
  record.playable = info.playable;
  record.is_default = info.is_default;
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
  record.samples = layout.place(track.samples.size(), sizeof(SampleRecord));
  record.segments = layout.place(track.segments.size(), sizeof(SegmentRecord));
  record.codec_string = layout.place(info.codec_string);
  record.language = layout.place(info.language);
  record.title = layout.place(info.title);
  record.config = layout.place(info.config);
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

Result<void> write_track(Output& out, const TrackRecord& record, const FilmIndex::Track& track) {
  auto done = out.table(record.samples, std::span(track.samples));
  if (done) done = out.table(record.segments, std::span(track.segments));
  if (done) done = out.text(record.codec_string, track.info.codec_string);
  if (done) done = out.text(record.language, track.info.language);
  if (done) done = out.text(record.title, track.info.title);
  if (done) done = out.text(record.config, track.info.config);
  return done;
}

}  // namespace

Result<void> write_index(int fd, const FilmIndex& film) {
  Layout layout(film.tracks.size());
  std::vector<TrackRecord> records;
  records.reserve(film.tracks.size());
  for (const FilmIndex::Track& track : film.tracks) records.push_back(record_of(track, layout));

  Header header;
  header.magic = kIndexMagic;
  header.version = kIndexVersion;
  header.track_count = static_cast<std::uint32_t>(film.tracks.size());
  header.film_bytes = film.film_bytes;
  header.film_mtime_ns = film.film_mtime_ns;
  header.duration_us = film.duration_us;
  header.container = layout.place(film.container);
  header.problem = layout.place(film.problem);
  header.total_bytes = layout.end();

  Checksum checksum;
  checksum.update(std::as_bytes(std::span(&header, 1)));
  Output out(fd, checksum);
  out.start_at(sizeof header);
  auto done = out.table(TableRef{sizeof header, records.size()}, std::span<const TrackRecord>(records));
  for (std::size_t i = 0; done && i < records.size(); ++i)
    done = write_track(out, records[i], film.tracks[i]);
  if (done) done = out.text(header.container, film.container);
  if (done) done = out.text(header.problem, film.problem);
  if (done) done = out.pad(header.total_bytes);
  if (!done) return done;

  header.checksum = out.checksum();
  return write_at(fd, std::as_bytes(std::span(&header, 1)), 0);
}

}  // namespace carrel::streamer
