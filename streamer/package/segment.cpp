#include <algorithm>
#include <optional>

#include "streamer/index/layout.hpp"
#include "streamer/index/view.hpp"
#include "streamer/package/box.hpp"
#include "streamer/package/missing.hpp"
#include "streamer/package/package.hpp"
#include "streamer/package/sample_bytes.hpp"
#include "streamer/package/segment_size.hpp"

namespace carrel::streamer {
namespace {

constexpr std::uint32_t kTrackId = 1;                   // each rendition is a file of its own
constexpr std::uint32_t kDefaultBaseIsMoof = 0x020000;  // tfhd
constexpr std::uint32_t kDataOffset = 0x000001;         // trun, and those below
constexpr std::uint32_t kDurationAndSize = 0x000300;
constexpr std::uint32_t kFlags = 0x000400;
constexpr std::uint32_t kComposition = 0x000800;
constexpr std::uint32_t kSyncFlags = 0x02000000;     // depends on no other sample
constexpr std::uint32_t kNonSyncFlags = 0x01010000;  // depends on others, is no sync sample

void write_run(BoxWriter& out, const TrackInfo& track, std::span<const SampleRecord> samples,
               std::uint64_t data_offset) {
  const bool video = track.kind == MediaKind::video;
  const auto trun = out.box("trun");
  // Version 1: composition offsets are signed (ISO/IEC 14496-12 section 8.8.8).
  out.version(1,
              kDataOffset | kDurationAndSize | (video ? kFlags : 0) | (track.reordered ? kComposition : 0));
  out.u32(static_cast<std::uint32_t>(samples.size())).u32(static_cast<std::uint32_t>(data_offset));
  for (const SampleRecord& sample : samples) {
    out.u32(sample.duration).u32(sample.size);
    if (video) out.u32((sample.flags & kSampleSync) != 0 ? kSyncFlags : kNonSyncFlags);
    if (track.reordered) out.u32(static_cast<std::uint32_t>(sample.composition_offset));
  }
}

/// One `trun` for each run of samples; between them lie the gaps that are sent along.
void write_runs(BoxWriter& out, const TrackInfo& track, const SegmentRecord& segment,
                std::span<const SampleRecord> samples, std::uint64_t data_offset) {
  if (segment.runs == 1) {
    write_run(out, track, samples, data_offset);
    return;
  }
  std::optional<SampleRecord> origin, last;
  std::size_t first = 0;
  std::uint64_t run_offset = data_offset;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (samples[i].size == 0) continue;
    if (!origin) origin = samples[i];
    if (last && !adjoins(*last, samples[i])) {
      write_run(out, track, samples.subspan(first, i - first), run_offset);
      first = i;
      run_offset = data_offset + (samples[i].offset - origin->offset);
    }
    last = samples[i];
  }
  write_run(out, track, samples.subspan(first), run_offset);
}

std::string write_head(const TrackInfo& track, std::uint32_t number, const SegmentRecord& segment,
                       std::span<const SampleRecord> samples) {
  const std::uint64_t moof = moof_bytes(track, segment);
  const std::uint32_t mdat_header = mdat_header_bytes(segment);
  BoxWriter out;
  out.reserve(static_cast<std::size_t>(moof) + mdat_header);
  {
    const auto moof_box = out.box("moof");
    {
      const auto mfhd = out.box("mfhd");
      out.version(0).u32(number + 1);
    }
    const auto traf = out.box("traf");
    {
      const auto tfhd = out.box("tfhd");
      out.version(0, kDefaultBaseIsMoof).u32(kTrackId);
    }
    {
      const auto tfdt = out.box("tfdt");
      out.version(1).u64(segment.start);
    }
    write_runs(out, track, segment, samples, moof + mdat_header);
  }
  if (mdat_header == 16) {
    out.u32(1).text("mdat").u64(segment.mdat_bytes + mdat_header);
  } else {
    out.u32(static_cast<std::uint32_t>(segment.mdat_bytes) + mdat_header).text("mdat");
  }
  return out.take();
}

Result<void> append_samples(Pieces& body, const IndexView& index, const IndexView::Track& track,
                            const SegmentRecord& segment, std::span<const SampleRecord> samples) {
  const bool with_gaps = segment.runs > 1;
  if (with_gaps) {
    const auto first =
        std::ranges::find_if(samples, [](const SampleRecord& sample) { return sample.size > 0; });
    body.emplace_back(FilmBytes{first->offset, segment.mdat_bytes});
    return {};
  }
  for (const SampleRecord& sample : samples) {
    const auto appended = append_sample(body, index, track, sample);
    if (!appended) return appended;
  }
  return {};
}

}  // namespace

Result<Packaged> package_segment(const IndexView& index, std::uint32_t track, std::uint32_t segment) {
  const IndexView::Track* found = index.playable_track(track);
  if (found == nullptr) return no_track(track);
  if (segment >= found->segments.size()) return no_segment(track, segment);
  const SegmentRecord& record = found->segments[segment];
  const auto samples = index.samples_of(*found, record);
  if (!samples) return samples.error();

  Packaged packaged;
  packaged.content_type = found->info.kind == MediaKind::video ? "video/mp4" : "audio/mp4";
  packaged.body.emplace_back(write_head(found->info, segment, record, *samples));
  const auto appended = append_samples(packaged.body, index, *found, record, *samples);
  if (!appended) return appended.error();
  return packaged;
}

}  // namespace carrel::streamer
