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
constexpr std::size_t kMaxFindingsBytes = 64 * 1024;
constexpr std::size_t kMaxCueBytes = 64 * 1024;

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

Result<std::string> text_in(std::span<const std::byte> file, const TableRef& ref,
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
  info.use = static_cast<TrackUse>(record.use);
  info.is_default = record.is_default != 0;
  info.forced = record.forced != 0;
  info.hearing_impaired = record.hearing_impaired != 0;
  info.external = record.external != 0;
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
  info.priming = record.priming;
  info.trailing = record.trailing;
  info.channel_mask = record.channel_mask;
  info.decoder = record.decoder;
  info.coded_bits = record.coded_bits;
  info.block_bytes = record.block_bytes;
  return info;
}

bool plausible(const TrackRecord& record) {
  return record.kind <= static_cast<std::uint8_t>(MediaKind::other) &&
         record.codec <= static_cast<std::uint8_t>(kLastCodec) &&
         record.use <= static_cast<std::uint8_t>(kLastTrackUse) && record.timescale != 0 &&
         record.aspect_width != 0 && record.aspect_height != 0;
}

}  // namespace

IndexView::~IndexView() {
  // munmap wants a pointer to non-const, though it changes nothing that the pointer's type speaks of.
  ::munmap(const_cast<std::byte*>(mapped_.data()), mapped_.size());
}

Result<std::shared_ptr<const IndexView>> IndexView::open(int fd) {
  struct stat status {};
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
  auto container = text_in(mapped_, header_.container);
  if (!container) return container.error();
  auto problem = text_in(mapped_, header_.problem);
  if (!problem) return problem.error();
  auto findings = text_in(mapped_, header_.findings, kMaxFindingsBytes);
  if (!findings) return findings.error();
  const auto chapters = table<ChapterRecord>(mapped_, header_.chapters, kMaxChapters);
  if (!chapters) return chapters.error();
  if (header_.origin_timescale == 0) return damaged("its origin");
  findings_ = std::move(*findings);
  chapters_ = *chapters;
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

  const auto pieces = table<PieceRecord>(mapped_, record.pieces, kMaxPieces);
  if (!pieces) return pieces.error();
  const auto document = table<PieceRecord>(mapped_, record.document, kMaxPieces);
  if (!document) return document.error();
  const auto cues = table<CueRecord>(mapped_, record.cues, kMaxCues);
  if (!cues) return cues.error();
  const auto literals = table<char>(mapped_, record.literals, kMaxLiteralBytes);
  if (!literals) return literals.error();
  std::uint64_t literal_bytes = 0;
  for (const PieceRecord& piece : *document) {
    if (!inside(piece, literals->size())) return damaged("a document lies outside of the film");
    if ((piece.offset & kPieceLiteral) != 0) literal_bytes += piece.length;
  }
  // Each literal is written for one place; what is made of a document is as long in memory.
  if (literal_bytes > literals->size()) return damaged("a document that repeats itself");

  Track track{info_of(record),
              *samples,
              *segments,
              *pieces,
              *document,
              *cues,
              {literals->data(), literals->size()},
              {record.shown_pictures, record.highest_milliframes}};
  const struct {
    const TableRef& from;
    std::string& to;
    std::size_t most;
  } texts[] = {{record.codec_string, track.info.codec_string, kMaxTextBytes},
               {record.language, track.info.language, kMaxTextBytes},
               {record.title, track.info.title, kMaxTextBytes},
               {record.config, track.info.config, kMaxConfigBytes},
               {record.mastering_display, track.info.mastering_display, kMasteringDisplayBytes},
               {record.content_light, track.info.content_light, kContentLightBytes}};
  for (const auto& [from, to, most] : texts) {
    auto value = text_in(mapped_, from, most);
    if (!value) return value.error();
    to = std::move(*value);
  }
  const auto whole = [](const std::string& payload, std::size_t bytes) {
    return payload.empty() || payload.size() == bytes;
  };
  if (!whole(track.info.mastering_display, kMasteringDisplayBytes) ||
      !whole(track.info.content_light, kContentLightBytes))
    return damaged("a track's light");
  if (!partition(track.segments, track.samples.size())) return damaged("a track's segments");
  if (track.info.playable() && track.segments.empty()) return damaged("a playable track without segments");
  return track;
}

const IndexView::Track* IndexView::playable_track(std::uint32_t number) const noexcept {
  if (number >= tracks_.size() || !tracks_[number].info.playable()) return nullptr;
  return &tracks_[number];
}

Result<std::span<const SampleRecord>> IndexView::samples_of(const Track& track,
                                                            const SegmentRecord& segment) const {
  const auto samples = track.samples.subspan(segment.first_sample, segment.sample_count);
  std::uint64_t bytes = 0;
  std::uint64_t duration = 0;
  for (const SampleRecord& sample : samples) {
    const bool scattered = (sample.flags & kSampleScattered) != 0;
    const bool lies_inside =
        scattered ? pieces_of(track, sample).has_value()
                  : sample.offset <= header_.film_bytes && sample.size <= header_.film_bytes - sample.offset;
    if (sample.size > kMaxSampleBytes || !lies_inside) return damaged("a sample lies outside of the film");
    bytes += sample.size;
    duration += sample.duration;
  }
  if (bytes != segment.bytes || duration != segment.duration) return damaged("a segment's sums");
  const SegmentLayout layout = layout_of(samples);
  if (layout.mdat_bytes != segment.mdat_bytes || layout.runs != segment.runs)
    return damaged("a segment's layout");
  return samples;
}

bool IndexView::inside(const PieceRecord& piece, std::size_t literal_bytes) const {
  if (piece.length == 0 || piece.length > kMaxSampleBytes) return false;
  const bool literal = (piece.offset & kPieceLiteral) != 0;
  const std::uint64_t offset = piece.offset & ~kPieceLiteral;
  std::uint64_t reach = piece.length;
  if (piece.stride != 0) {
    if (literal || piece.part == 0 || piece.part > piece.stride) return false;
    const std::uint64_t before = (piece.length - 1) / piece.part;
    reach = before * piece.stride + (piece.length - before * piece.part);
  }
  const std::uint64_t bytes = literal ? literal_bytes : header_.film_bytes;
  return offset <= bytes && reach <= bytes - offset;
}

Result<std::span<const PieceRecord>> IndexView::pieces_of(const Track& track,
                                                          const SampleRecord& sample) const {
  if (sample.offset > track.pieces.size()) return damaged("a sample without pieces");
  const auto rest = track.pieces.subspan(static_cast<std::size_t>(sample.offset));
  std::uint64_t bytes = 0;
  std::size_t count = 0;
  while (bytes < sample.size && count < rest.size()) {
    if (!inside(rest[count], track.literals.size())) return damaged("a piece lies outside of the film");
    bytes += rest[count++].length;
  }
  if (bytes != sample.size) return damaged("a sample's pieces");
  return rest.first(count);
}

std::string_view IndexView::text(const TableRef& at) const noexcept {
  const auto found = table<char>(mapped_, at, kMaxCueBytes);
  return found ? std::string_view(found->data(), found->size()) : std::string_view();
}

}  // namespace carrel::streamer
