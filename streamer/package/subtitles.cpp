#include "streamer/package/subtitles.hpp"

#include <algorithm>
#include <limits>
#include <string_view>

#include "streamer/index/ticks.hpp"
#include "streamer/package/missing.hpp"
#include "streamer/package/playlist_type.hpp"
#include "streamer/package/sample_bytes.hpp"
#include "streamer/package/tag.hpp"
#include "streamer/package/vtt.hpp"
#include "streamer/subtitles/kind.hpp"

namespace carrel::streamer {
namespace {

constexpr std::uint64_t kSpanSeconds = 30;
constexpr std::uint64_t kLeastSeconds = 10;  // a shorter tail goes to the span before
constexpr std::uint32_t kMicroseconds = 1'000'000;
constexpr std::uint64_t kEver = std::numeric_limits<std::uint64_t>::max();
/// Far more than an indexer writes (place_cues); cues of an index that lies may all have the same long text.
constexpr std::size_t kMostCueBytes = 64U << 20;

const IndexView::Track* leader_of(const IndexView& index) {
  for (const MediaKind kind : {MediaKind::video, MediaKind::audio})
    for (const IndexView::Track& track : index.tracks())
      if (track.info.kind == kind && !track.segments.empty()) return &track;
  return nullptr;
}

std::uint64_t microseconds(std::uint64_t ticks, std::uint32_t timescale) {
  return static_cast<std::uint64_t>(rescale(static_cast<std::int64_t>(ticks), timescale, kMicroseconds));
}

Packaged packaged(std::string type, std::string text) {
  Packaged result{std::move(type), {}};
  result.body.emplace_back(std::move(text));
  return result;
}

/// `head`, and the cues that are shown after `from` and begin before `to`, in microseconds.
Result<Packaged> packaged_cues(const IndexView& index, std::uint32_t track, std::string head,
                               std::uint64_t from, std::uint64_t to) {
  for (const CueRecord& cue : index.tracks()[track].cues) {
    if (cue.start_us >= to) break;  // they are sorted by start
    if (cue.end_us > from) append_cue(head, index, cue);
    if (head.size() > kMostCueBytes)
      return make_error(ErrorKind::invalid, "the film's index has more text in the subtitles of track " +
                                                std::to_string(track) + " than any film; index it again");
  }
  return packaged(kVttType, std::move(head));
}

}  // namespace

bool has_cues(const IndexView& index, std::uint32_t track) {
  return track < index.tracks().size() && index.tracks()[track].info.use == TrackUse::cues;
}

CuePlan plan_cues(const IndexView& index) {
  CuePlan plan;
  const IndexView::Track* leader = leader_of(index);
  if (leader == nullptr) return plan;
  plan.timescale = leader->info.timescale;
  const std::uint64_t whole = kSpanSeconds * plan.timescale;
  for (const SegmentRecord& segment : leader->segments) {
    if (plan.spans.empty() || plan.spans.back().duration >= whole) {
      plan.spans.push_back({segment.start, segment.duration});
    } else {
      plan.spans.back().duration += segment.duration;
    }
  }
  if (plan.spans.size() > 1 && plan.spans.back().duration < kLeastSeconds * plan.timescale) {
    const std::uint64_t tail = plan.spans.back().duration;
    plan.spans.pop_back();
    plan.spans.back().duration += tail;
  }
  CueSpan& last = plan.spans.back();
  const auto end = static_cast<std::uint64_t>(
      rescale(static_cast<std::int64_t>(index.duration_us()), kMicroseconds, plan.timescale));
  last.duration = std::max(last.duration, end - std::min(end, last.start));
  return plan;
}

Result<Packaged> package_cue_playlist(const IndexView& index, std::uint32_t track) {
  if (!has_cues(index, track)) return no_track(track);
  const CuePlan plan = plan_cues(index);
  if (plan.spans.empty()) return no_track(track);
  std::uint64_t longest = 1;
  for (const CueSpan& span : plan.spans)
    longest = std::max(longest, (span.duration + plan.timescale / 2) / plan.timescale);
  std::string text = playlist_head(kDecimalVersion, longest);
  for (std::size_t i = 0; i < plan.spans.size(); ++i) {
    text += "#EXTINF:" + decimal_seconds(plan.spans[i].duration, plan.timescale, kDurationDigits);
    text += ",\n" + std::to_string(i) + ".vtt\n";
  }
  text += "#EXT-X-ENDLIST\n";
  return packaged(kPlaylistType, std::move(text));
}

Result<Packaged> package_cue_segment(const IndexView& index, std::uint32_t track, std::uint32_t segment,
                                     std::uint64_t zero) {
  if (!has_cues(index, track)) return no_track(track);
  const CuePlan plan = plan_cues(index);
  if (segment >= plan.spans.size()) return no_segment(track, segment);
  const CueSpan& span = plan.spans[segment];
  // The first has what is earlier than the picture, the last what is later.
  const std::uint64_t from = segment == 0 ? 0 : microseconds(span.start, plan.timescale);
  const bool last = segment + 1 == plan.spans.size();
  const std::uint64_t to = last ? kEver : microseconds(span.start + span.duration, plan.timescale);
  std::string text(kVttHeader);
  // RFC 8216 section 3.5; zero of `tfdt` is zero of MPEG-TS's clock.
  text += "X-TIMESTAMP-MAP=MPEGTS:" + std::to_string(zero) + ",LOCAL:00:00:00.000\n";
  return packaged_cues(index, track, std::move(text), from, to);
}

Result<Packaged> package_subtitles(const IndexView& index, std::uint32_t track) {
  if (!has_cues(index, track)) return no_track(track);
  return packaged_cues(index, track, std::string(kVttHeader), 0, kEver);
}

Result<Packaged> package_subtitle_document(const IndexView& index, std::uint32_t track) {
  if (track >= index.tracks().size()) return no_track(track);
  const IndexView::Track& found = index.tracks()[track];
  const std::string_view kind = subtitles::document_kind(found.info);
  if (kind.empty() || found.document.empty())
    return make_error(ErrorKind::not_found, "track " + std::to_string(track) + " has no document of its own");
  Packaged result{kind == "ass" ? "text/x-ssa; charset=utf-8" : "application/octet-stream", {}};
  append_pieces(result.body, found, found.document);
  return result;
}

Result<Packaged> package_subtitle_index(const IndexView& index, std::uint32_t track) {
  if (track >= index.tracks().size() ||
      subtitles::document_kind(index.tracks()[track].info) != subtitles::kVobSubKind)
    return make_error(ErrorKind::not_found, "track " + std::to_string(track) + " has no .idx");
  return packaged("text/plain; charset=utf-8", index.tracks()[track].info.config);
}

}  // namespace carrel::streamer
