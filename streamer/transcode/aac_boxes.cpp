#include "streamer/transcode/aac_boxes.hpp"

#include "streamer/package/box.hpp"
#include "streamer/package/init.hpp"

namespace carrel::streamer {
namespace {

constexpr std::uint32_t kTrackId = 1;
constexpr std::uint32_t kDefaultBaseIsMoof = 0x020000, kDefaultDuration = 0x000008;  // tfhd
constexpr std::uint32_t kDataOffset = 0x000001, kSize = 0x000200;                    // trun
constexpr std::uint32_t kMdatHeader = 8;

}  // namespace

Result<Packaged> package_aac_init(const IndexView::Track& track, const AacPlan& plan) {
  std::vector<SegmentRecord> segments;  // for the bit rates in esds
  for (const AacSegment& segment : plan.segments) {
    SegmentRecord record;
    record.sample_count = segment.frames.count;
    record.duration = segment.duration;
    record.mdat_bytes = aac_room(plan, segment.frames);
    segments.push_back(record);
  }
  IndexView::Track made;
  made.info.kind = MediaKind::audio;
  made.info.codec = Codec::aac;
  made.info.use = TrackUse::remux;
  made.info.timescale = made.info.sample_rate = plan.sample_rate;
  made.info.channels = plan.channels;
  made.info.config = plan.config;
  made.info.language = track.info.language;
  made.segments = segments;
  return init_of(made);
}

std::string write_aac_segment(const AacSegment& segment, std::uint64_t room, std::uint32_t number,
                              const std::vector<std::string>& frames) {
  const std::uint64_t moof = aac_moof_bytes(segment.frames.count);
  BoxWriter out;
  out.reserve(static_cast<std::size_t>(segment.bytes));
  {
    const auto moof_box = out.box("moof");
    {
      const auto mfhd = out.box("mfhd");
      out.version(0).u32(number + 1);
    }
    const auto traf = out.box("traf");
    {
      const auto tfhd = out.box("tfhd");
      out.version(0, kDefaultBaseIsMoof | kDefaultDuration).u32(kTrackId).u32(kAacFrameSamples);
    }
    {
      const auto tfdt = out.box("tfdt");
      out.version(1).u64(segment.start);
    }
    const auto trun = out.box("trun");
    out.version(0, kDataOffset | kSize).u32(static_cast<std::uint32_t>(frames.size()));
    out.u32(static_cast<std::uint32_t>(moof + kMdatHeader));
    for (const std::string& frame : frames) out.u32(static_cast<std::uint32_t>(frame.size()));
  }
  {
    const auto mdat = out.box("mdat");
    std::uint64_t left = room;
    for (const std::string& frame : frames) {
      out.text(frame);
      left -= frame.size();
    }
    out.zeros(static_cast<std::size_t>(left));
  }
  return out.take();
}

}  // namespace carrel::streamer
