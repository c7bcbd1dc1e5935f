#include "converter/plan/checkpoint.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "streamer/index/checksum.hpp"

namespace carrel::converter {
namespace {

static_assert(std::endian::native == std::endian::little, "records are copied, not encoded");

constexpr std::array<char, 8> kMagic{'C', 'A', 'R', 'R', 'E', 'L', 'C', 'P'};

struct HeadRecord {
  std::array<char, 8> magic = kMagic;
  std::uint32_t version = kCheckpointVersion;
  std::uint32_t encoder = 0;
  std::uint64_t film_bytes = 0;
  std::int64_t film_mtime_ns = 0;
  std::uint64_t plan_checksum = 0;
  std::uint32_t width = 0, height = 0;
  std::uint32_t bits_per_second = 0, padding = 0;
  std::uint64_t checksum = 0;  ///< of what is before it
};
static_assert(sizeof(HeadRecord) == 64);

struct SegmentHead {
  std::uint64_t checksum = 0;  ///< of what follows it, the frames included
  std::uint32_t number = 0;
  std::uint32_t frames = 0;
  std::uint64_t media_end = 0;
};
static_assert(sizeof(SegmentHead) == 24);

struct FrameRecord {
  std::int64_t time = 0;
  std::uint32_t bytes = 0, padding = 0;
};
static_assert(sizeof(FrameRecord) == 16);

std::uint64_t checksum_of(std::span<const std::byte> bytes) {
  streamer::Checksum sum;
  sum.update(bytes);
  return sum.digest();
}

template <class Record>
std::span<const std::byte> bytes_of(const Record& record) {
  return std::as_bytes(std::span(&record, 1));
}

template <class Record>
void append(std::string& to, const Record& record) {
  to.append(reinterpret_cast<const char*>(&record), sizeof record);
}

std::span<const std::byte> view(const std::string& text, std::size_t from) {
  return std::as_bytes(std::span(text)).subspan(from);
}

/// The record at the beginning of `rest`, with its length; empty: it is not whole, or not the next one.
std::optional<std::pair<CheckpointSegment, std::size_t>> read_segment(std::span<const std::byte> rest,
                                                                      std::size_t number,
                                                                      std::uint64_t media_begin) {
  SegmentHead head;
  if (rest.size() < sizeof head) return std::nullopt;
  std::memcpy(&head, rest.data(), sizeof head);
  if (head.number != number || head.frames > (rest.size() - sizeof head) / sizeof(FrameRecord))
    return std::nullopt;
  const std::size_t length = sizeof head + head.frames * sizeof(FrameRecord);
  const auto summed = rest.first(length).subspan(sizeof head.checksum);
  if (checksum_of(summed) != head.checksum) return std::nullopt;
  CheckpointSegment segment{head.media_end, {}};
  segment.frames.reserve(head.frames);
  std::uint64_t media_end = media_begin;
  for (std::size_t i = 0; i < head.frames; ++i) {
    FrameRecord frame;
    std::memcpy(&frame, rest.data() + sizeof head + i * sizeof frame, sizeof frame);
    segment.frames.push_back({frame.bytes, frame.time});
    media_end += frame.bytes;
  }
  if (media_end != head.media_end) return std::nullopt;
  return std::pair(std::move(segment), length);
}

}  // namespace

std::uint64_t checksum_of(const FramePlan& plan) {
  streamer::Checksum sum;
  sum.update(std::as_bytes(std::span(plan.times)));
  for (const FramePlan::Segment& segment : plan.segments) {
    const std::array<std::uint64_t, 4> facts{segment.first_sample, segment.first_frame, segment.frames,
                                             segment.may_reorder ? 1U : 0U};
    sum.update(std::as_bytes(std::span(facts)));
  }
  const std::array<std::int64_t, 2> rest{plan.delay, plan.end};
  sum.update(std::as_bytes(std::span(rest)));
  return sum.digest();
}

std::string write_head(const CheckpointHead& head) {
  HeadRecord record;
  record.encoder = head.encoder;
  record.film_bytes = head.film_bytes;
  record.film_mtime_ns = head.film_mtime_ns;
  record.plan_checksum = head.plan_checksum;
  record.width = head.width;
  record.height = head.height;
  record.bits_per_second = head.bits_per_second;
  record.checksum = checksum_of(bytes_of(record).first(sizeof record - sizeof record.checksum));
  std::string bytes;
  append(bytes, record);
  return bytes;
}

std::string write_segment(std::uint32_t number, const CheckpointSegment& segment) {
  SegmentHead head{0, number, static_cast<std::uint32_t>(segment.frames.size()), segment.media_end};
  std::string bytes;
  append(bytes, head);
  for (const MadeFrame& frame : segment.frames) append(bytes, FrameRecord{frame.time, frame.bytes, 0});
  head.checksum = checksum_of(view(bytes, sizeof head.checksum));
  std::memcpy(bytes.data(), &head.checksum, sizeof head.checksum);
  return bytes;
}

std::optional<Checkpoint> read_checkpoint(std::span<const std::byte> file) {
  HeadRecord record;
  if (file.size() < sizeof record) return std::nullopt;
  std::memcpy(&record, file.data(), sizeof record);
  const auto summed = file.first(sizeof record - sizeof record.checksum);
  if (record.magic != kMagic || record.version != kCheckpointVersion ||
      record.checksum != checksum_of(summed)) {
    return std::nullopt;
  }
  Checkpoint checkpoint;
  checkpoint.head = {record.film_bytes, record.film_mtime_ns,   record.plan_checksum, record.width,
                     record.height,     record.bits_per_second, record.encoder};
  checkpoint.bytes = sizeof record;
  for (;;) {
    const std::uint64_t begin = checkpoint.segments.empty() ? 0 : checkpoint.segments.back().media_end;
    auto next = read_segment(file.subspan(checkpoint.bytes), checkpoint.segments.size(), begin);
    if (!next) return checkpoint;
    checkpoint.segments.push_back(std::move(next->first));
    checkpoint.bytes += next->second;
  }
}

void keep_usable(Checkpoint& checkpoint, const FramePlan& plan, std::uint64_t media_bytes) {
  const auto usable = [&](std::size_t number) {
    if (number >= plan.segments.size()) return false;
    const CheckpointSegment& segment = checkpoint.segments[number];
    const FramePlan::Segment& planned = plan.segments[number];
    if (segment.media_end > media_bytes || segment.frames.size() != planned.frames) return false;
    const auto times = std::span(plan.times).subspan(planned.first_frame, planned.frames);
    return std::ranges::all_of(segment.frames, [&](const MadeFrame& frame) {
      return std::ranges::binary_search(times, frame.time);
    });
  };
  std::size_t kept = 0;
  while (kept < checkpoint.segments.size() && usable(kept)) ++kept;
  for (std::size_t i = kept; i < checkpoint.segments.size(); ++i) {
    checkpoint.bytes -= sizeof(SegmentHead) + checkpoint.segments[i].frames.size() * sizeof(FrameRecord);
  }
  checkpoint.segments.resize(kept);
}

}  // namespace carrel::converter
