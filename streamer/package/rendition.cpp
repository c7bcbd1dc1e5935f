#include "streamer/package/rendition.hpp"

#include <algorithm>
#include <functional>
#include <tuple>

#include "streamer/package/language.hpp"
#include "streamer/package/segment_size.hpp"
#include "streamer/transcode/aac_plan.hpp"

namespace carrel::streamer {
namespace {

using protocol::Form;

/// What is known of a track whatever becomes of its samples.
Rendition described(const IndexView::Track& track, std::uint32_t number, std::string path) {
  const TrackInfo& info = track.info;
  Rendition made;
  made.from = &track;
  made.kind = info.kind;
  made.track = number;
  made.path = std::move(path);
  made.language = language_tag(info.language);
  made.title = info.title;
  made.is_default = info.is_default;
  made.forced = info.forced;
  made.hearing_impaired = info.hearing_impaired;
  return made;
}

std::string path_of(std::uint32_t number, std::string_view folder = {}) {
  return std::string(folder) + std::to_string(number) + "/";
}

void add_segments(Rendition& made, const IndexView::Track& track) {
  made.segments.reserve(track.segments.size());
  for (const SegmentRecord& segment : track.segments) {
    const std::int64_t offset = track.samples[segment.first_sample].composition_offset;
    const std::int64_t presented = static_cast<std::int64_t>(segment.start) + offset;
    made.segments.push_back({segment.start, static_cast<std::uint64_t>(std::max<std::int64_t>(presented, 0)),
                             segment.duration, segment_bytes(track.info, segment)});
  }
  const bool ascending =
      std::ranges::is_sorted(made.segments, std::ranges::less_equal{}, &RenditionSegment::presented);
  if (ascending) return;
  // Nobody writes such a film but to do harm.
  for (RenditionSegment& segment : made.segments) segment.presented = segment.start;
}

void add_picture(Rendition& made, const IndexView::Track& track) {
  const TrackInfo& info = track.info;
  made.width = info.width;
  made.height = info.height;
  std::tie(made.shown_width, made.shown_height) = shown_size(info);
  made.aspect_width = info.aspect_width;
  made.aspect_height = info.aspect_height;
  made.frame_rate = track.frame_rate;
  made.colour = info.colour;
}

}  // namespace

std::uint64_t Rendition::ticks() const {
  std::uint64_t sum = 0;
  for (const RenditionSegment& segment : segments) sum += segment.duration;
  return sum;
}

std::uint64_t Rendition::end() const {
  return segments.empty() ? 0 : segments.back().presented + segments.back().duration;
}

Rendition source_rendition(const IndexView::Track& track, std::uint32_t number, const std::string& folder) {
  const TrackInfo& info = track.info;
  Rendition made = described(track, number, path_of(number, folder));
  made.codec = info.codec;
  made.codec_string = info.codec_string;
  made.independent = info.independent;
  made.timescale = info.timescale;
  add_segments(made, track);
  made.bandwidth = bandwidth_of(made.segments, made.timescale);
  made.channels = info.channels;
  made.sample_rate = info.sample_rate;
  if (info.kind == MediaKind::video) add_picture(made, track);
  return made;
}

Result<Rendition> aac_rendition(const IndexView& index, std::uint32_t number, Form form) {
  const auto plan = plan_aac(index, number, form);
  if (!plan) return plan.error();
  Rendition made =
      described(index.tracks()[number], number, path_of(number) + std::string(folder_of(form)) + "/");
  made.codec = Codec::aac;
  made.form = form;
  made.codec_string = kAacCodecString;
  made.timescale = plan->sample_rate;
  made.segments.reserve(plan->segments.size());
  for (const AacSegment& segment : plan->segments)
    made.segments.push_back({segment.start, segment.start, segment.duration, segment.bytes});
  made.bandwidth = bandwidth_of(made.segments, made.timescale);
  made.channels = plan->channels;
  made.sample_rate = plan->sample_rate;
  return made;
}

Rendition text_rendition(const IndexView::Track& track, std::uint32_t number) {
  return described(track, number, path_of(number));
}

std::string_view folder_of(Form form) {
  switch (form) {
    case Form::source: break;
    case Form::aac_stereo: return "aac2";
    case Form::aac_surround: return "aac6";
  }
  return {};
}

const char* video_range(const Rendition& picture) {
  if (picture.colour.transfer == 16) return "PQ";   // SMPTE ST 2084
  if (picture.colour.transfer == 18) return "HLG";  // ARIB STD-B67
  return "SDR";
}

std::uint64_t milliframes(const Rendition& picture) {
  return milliframes(picture.frame_rate, picture.ticks(), picture.timescale);
}

}  // namespace carrel::streamer
