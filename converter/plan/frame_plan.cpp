#include "converter/plan/frame_plan.hpp"

#include <algorithm>
#include <limits>

#include "streamer/index/layout.hpp"

namespace carrel::converter {
namespace {

using streamer::SampleRecord;
using streamer::SegmentRecord;

constexpr std::int64_t kMostDuration = std::numeric_limits<std::uint32_t>::max();

Error out_of_order() {
  return make_error(ErrorKind::invalid, "the film's segments do not follow one after the other in time");
}

bool may_reorder(std::span<const std::int64_t> times, std::int64_t delay) {
  for (std::size_t i = 1; i < times.size(); ++i) {
    if (times[i] - times[i - 1] > delay) return false;
  }
  return delay > 0;
}

}  // namespace

std::uint32_t FramePlan::duration(std::size_t frame) const {
  const std::int64_t next = frame + 1 < times.size() ? decoding_time(frame + 1) : end;
  return static_cast<std::uint32_t>(next - decoding_time(frame));
}

std::vector<std::int64_t> presentation_times(std::span<const SampleRecord> samples, std::uint64_t start) {
  std::vector<std::int64_t> times;
  times.reserve(samples.size());
  auto decoded = static_cast<std::int64_t>(start);
  for (const SampleRecord& sample : samples) {
    times.push_back(decoded + sample.composition_offset);
    decoded += sample.duration;
  }
  return times;
}

Result<FramePlan> plan_frames(std::span<const SampleRecord> samples,
                              std::span<const SegmentRecord> segments) {
  if (segments.empty() || samples.empty()) return make_error(ErrorKind::invalid, "the film has no frames");
  FramePlan plan;
  const auto shown = presentation_times(samples, segments.front().start);
  plan.delay = std::max<std::int64_t>(samples.front().composition_offset, 0);
  plan.end = static_cast<std::int64_t>(segments.back().start + segments.back().duration);
  const std::int64_t first = shown[segments.front().first_sample];
  for (std::size_t i = 0; i < shown.size(); ++i) {
    // What is shown before the first entry does not decode; an empty sample says to go on with the last one.
    if (shown[i] >= first && samples[i].size > 0) plan.times.push_back(shown[i]);
  }
  std::ranges::sort(plan.times);
  plan.times.erase(std::ranges::unique(plan.times).begin(), plan.times.end());
  std::size_t at = 0;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const bool last = i + 1 == segments.size();
    const std::int64_t cut = shown[segments[i].first_sample];
    const std::int64_t until =
        last ? std::numeric_limits<std::int64_t>::max() : shown[segments[i + 1].first_sample];
    if (at >= plan.times.size() || plan.times[at] != cut || until <= cut) return out_of_order();
    FramePlan::Segment segment{segments[i].first_sample, at, 0, false};
    while (at < plan.times.size() && plan.times[at] < until) ++at;
    segment.frames = at - segment.first_frame;
    segment.may_reorder =
        may_reorder(std::span(plan.times).subspan(segment.first_frame, segment.frames), plan.delay);
    plan.segments.push_back(segment);
  }
  // The film may end, in decoding order, before its last frame would begin.
  const std::size_t count = plan.times.size();
  const std::int64_t usual = count > 1 ? plan.times[count - 1] - plan.times[count - 2] : 1;
  if (plan.end <= plan.decoding_time(count - 1)) plan.end = plan.decoding_time(count - 1) + usual;
  for (std::size_t i = 0; i < count; ++i) {
    const std::int64_t next = i + 1 < count ? plan.decoding_time(i + 1) : plan.end;
    if (next - plan.decoding_time(i) > kMostDuration || plan.decoding_time(i) < 0) return out_of_order();
  }
  return plan;
}

Result<MadeTrack> made_track(const FramePlan& plan, std::span<const MadeFrame> frames) {
  if (frames.size() != plan.times.size())
    return make_error(ErrorKind::internal, "the encoder made another number of frames than were planned");
  MadeTrack track;
  track.samples.reserve(frames.size());
  std::uint64_t offset = 0;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    SampleRecord sample;
    sample.offset = offset;
    sample.size = frames[i].bytes;
    sample.duration = plan.duration(i);
    sample.composition_offset = static_cast<std::int32_t>(frames[i].time - plan.decoding_time(i));
    track.samples.push_back(sample);
    offset += frames[i].bytes;
  }
  for (const FramePlan::Segment& planned : plan.segments) {
    track.samples[planned.first_frame].flags = streamer::kSampleSync;
    const auto own = std::span(track.samples).subspan(planned.first_frame, planned.frames);
    SegmentRecord segment;
    segment.first_sample = static_cast<std::uint32_t>(planned.first_frame);
    segment.sample_count = static_cast<std::uint32_t>(planned.frames);
    segment.start = static_cast<std::uint64_t>(plan.decoding_time(planned.first_frame));
    for (const SampleRecord& sample : own) {
      segment.duration += sample.duration;
      segment.bytes += sample.size;
    }
    const streamer::SegmentLayout layout = streamer::layout_of(own);
    segment.mdat_bytes = layout.mdat_bytes;
    segment.runs = layout.runs;
    track.segments.push_back(segment);
  }
  return track;
}

}  // namespace carrel::converter
