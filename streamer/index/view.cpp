#include "streamer/index/view.hpp"

#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "streamer/index/layout.hpp"
#include "streamer/index/verified.hpp"

namespace carrel::streamer {
namespace {

constexpr std::uint64_t kMaxIndexBytes = std::uint64_t{1} << 30;
constexpr std::size_t kMaxTextBytes = 4096;

Error damaged(std::string_view what) {
  return make_error(ErrorKind::invalid, "the film's index is damaged or of another version (" +
                                            std::string(what) + "); index it again");
}

template <class T>
Result<std::span<const T>> table(std::span<const std::byte> file, const TableRef& ref, std::size_t most) {
  if (ref.count > most || ref.offset > file.size() || ref.offset % alignof(T) != 0 ||
      ref.count * sizeof(T) > file.size() - ref.offset)
    return damaged("a table lies outside of the file");
  return std::span(reinterpret_cast<const T*>(file.data() + ref.offset), static_cast<std::size_t>(ref.count));
}

Result<std::string> text(std::span<const std::byte> file, const TableRef& ref,
                         std::size_t most = kMaxTextBytes) {
  const auto bytes = table<char>(file, ref, most);
  if (!bytes) return bytes.error();
  return std::string(bytes->begin(), bytes->end());
}

bool partition(std::span<const SegmentRecord> segments, std::size_t samples) {
  std::uint64_t next_sample = 0;
  std::uint64_t next_start = segments.empty() ? 0 : segments.front().start;
  for (const SegmentRecord& segment : segments) {
    if (segment.first_sample != next_sample || segment.sample_count == 0 || segment.duration == 0)
      return false;
    if (segment.start != next_start || segment.start > kMaxTicks || segment.duration > kMaxTicks)
      return false;
    if (segment.bytes > std::uint64_t{segment.sample_count} * kMaxSampleBytes) return false;
    if (segment.mdat_bytes < segment.bytes ||
        segment.mdat_bytes - segment.bytes > segment.bytes / kMostGapsOf)
      return false;
    if (segment.runs == 0 || segment.runs > segment.sample_count) return false;
    next_sample += segment.sample_count;
    next_start += segment.duration;
  }
  return next_sample == samples && next_start <= 2 * kMaxTicks;
}

TrackInfo info_of(const TrackRecord& record) {
  TrackInfo info;
  info.kind = static_cast<MediaKind>(record.kind);
  info.codec = static_cast<Codec>(record.codec);
  info.playable = record.playable != 0;
  info.is_default = record.is_default != 0;
  info.independent = record.independent != 0;
  info.reordered = record.reordered != 0;
  info.timescale = record.timescale;
  info.width = record.width;
  info.height = record.height;
  info.aspect_width = record.aspect_width;
  info.aspect_height = record.aspect_height;
  info.matrix = record.matrix;
  info.colour = Colour{record.colour_present != 0, record.primaries, record.transfer,
                       record.matrix_coefficients, record.full_range != 0};
  info.sample_rate = record.sample_rate;
  info.channels = record.channels;
  info.bits_per_sample = record.bits_per_sample;
  return info;
}

bool plausible(const TrackRecord& record) {
  return record.kind <= static_cast<std::uint8_t>(MediaKind::other) &&
         record.codec <= static_cast<std::uint8_t>(Codec::flac) && record.timescale != 0 &&
         record.aspect_width != 0 && record.aspect_height != 0;
}

}  // namespace

IndexView::~IndexView() {
  // munmap wants a pointer to non-const, though it changes nothing that the pointer's type speaks of.
  ::munmap(const_cast<std::byte*>(mapped_.data()), mapped_.size());
}

Result<std::shared_ptr<const IndexView>> IndexView::open(int fd) {
  struct stat status{};
  if (::fstat(fd, &status) != 0) return errno_error("stat the index of a film", errno);
  const auto bytes = static_cast<std::uint64_t>(status.st_size);
  if (!S_ISREG(status.st_mode) || bytes < sizeof(Header) || bytes > kMaxIndexBytes)
    return damaged("its size");
  void* address = ::mmap(nullptr, bytes, PROT_READ, MAP_SHARED, fd, 0);
  if (address == MAP_FAILED) return errno_error("map the index of a film", errno);
  const std::shared_ptr<IndexView> view(new IndexView({static_cast<const std::byte*>(address), bytes}));
  const auto read = view->read();
  if (!read) return read.error();
  if (!verified_before(status) && !verify(status, view->mapped_, view->header_))
    return damaged("its checksum");
  return std::shared_ptr<const IndexView>(view);
}

Result<void> IndexView::read() {
  std::memcpy(&header_, mapped_.data(), sizeof header_);
  if (header_.magic != kIndexMagic) return damaged("its first bytes");
  if (header_.version != kIndexVersion) return damaged("version " + std::to_string(header_.version));
  if (header_.total_bytes != mapped_.size()) return damaged("its length");
  if (header_.track_count > kMaxIndexTracks) return damaged("its number of tracks");
  if (header_.duration_us > kMaxTicks) return damaged("its duration");
  auto container = text(mapped_, header_.container);
  if (!container) return container.error();
  auto problem = text(mapped_, header_.problem);
  if (!problem) return problem.error();
  container_ = std::move(*container);
  problem_ = std::move(*problem);
  tracks_.reserve(header_.track_count);
  for (std::uint32_t i = 0; i < header_.track_count; ++i) {
    auto track = read_track(i);
    if (!track) return track.error();
    tracks_.push_back(std::move(*track));
  }
  return {};
}

Result<IndexView::Track> IndexView::read_track(std::uint32_t number) const {
  const auto records = table<TrackRecord>(mapped_, {sizeof(Header), header_.track_count}, kMaxIndexTracks);
  if (!records) return records.error();
  TrackRecord record;
  std::memcpy(&record, &(*records)[number], sizeof record);
  if (!plausible(record)) return damaged("a track's description");
  const auto samples = table<SampleRecord>(mapped_, record.samples, kMaxIndexSamples);
  if (!samples) return samples.error();
  const auto segments = table<SegmentRecord>(mapped_, record.segments, kMaxIndexSamples);
  if (!segments) return segments.error();

  Track track{info_of(record), *samples, *segments};
  const struct {
    const TableRef& from;
    std::string& to;
    std::size_t most;
  } texts[] = {{record.codec_string, track.info.codec_string, kMaxTextBytes},
               {record.language, track.info.language, kMaxTextBytes},
               {record.title, track.info.title, kMaxTextBytes},
               {record.config, track.info.config, kMaxConfigBytes}};
  for (const auto& [from, to, most] : texts) {
    auto value = text(mapped_, from, most);
    if (!value) return value.error();
    to = std::move(*value);
  }
  if (!partition(track.segments, track.samples.size())) return damaged("a track's segments");
  if (track.info.playable && track.segments.empty()) return damaged("a playable track without segments");
  return track;
}

const IndexView::Track* IndexView::playable_track(std::uint32_t number) const noexcept {
  if (number >= tracks_.size() || !tracks_[number].info.playable) return nullptr;
  return &tracks_[number];
}

Result<std::span<const SampleRecord>> IndexView::samples_of(const Track& track,
                                                            const SegmentRecord& segment) const {
  const auto samples = track.samples.subspan(segment.first_sample, segment.sample_count);
  std::uint64_t bytes = 0;
  std::uint64_t duration = 0;
  for (const SampleRecord& sample : samples) {
    if (sample.size > kMaxSampleBytes || sample.offset > header_.film_bytes ||
        sample.size > header_.film_bytes - sample.offset)
      return damaged("a sample lies outside of the film");
    bytes += sample.size;
    duration += sample.duration;
  }
  if (bytes != segment.bytes || duration != segment.duration) return damaged("a segment's sums");
  const SegmentLayout layout = layout_of(samples);
  if (layout.mdat_bytes != segment.mdat_bytes || layout.runs != segment.runs)
    return damaged("a segment's layout");
  return samples;
}

}  // namespace carrel::streamer
