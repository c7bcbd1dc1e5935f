#include "streamer/package/iframes.hpp"

#include <algorithm>

#include "streamer/package/missing.hpp"
#include "streamer/package/package.hpp"
#include "streamer/package/playlist_type.hpp"
#include "streamer/package/segment_size.hpp"
#include "streamer/package/tag.hpp"

namespace carrel::streamer {
namespace {

/// Of the segment's bytes those that a decoder needs for its first picture; 0: it does not begin with one.
std::uint64_t first_picture_bytes(const IndexView::Track& track, const SegmentRecord& segment) {
  const SampleRecord& first = track.samples[segment.first_sample];
  if (first.size == 0 || (first.flags & kSampleSync) == 0) return 0;
  return moof_bytes(track.info, segment) + mdat_header_bytes(segment) +
         std::min<std::uint64_t>(first.size, segment.mdat_bytes);
}

}  // namespace

std::vector<IFrame> iframes_of(const Rendition& picture) {
  std::vector<IFrame> frames;
  if (picture.kind != MediaKind::video || !picture.independent) return frames;
  std::uint64_t shown = 0;
  for (std::uint32_t i = 0; i < picture.segments.size(); ++i) {
    const std::uint64_t bytes = first_picture_bytes(*picture.from, picture.from->segments[i]);
    if (bytes == 0) continue;
    if (!frames.empty()) frames.back().duration = picture.segments[i].presented - shown;
    shown = picture.segments[i].presented;
    frames.push_back({i, 0, bytes});
  }
  if (!frames.empty()) frames.back().duration = picture.end() - shown;
  return frames;
}

namespace {

std::uint64_t target_duration(const std::vector<IFrame>& frames, std::uint32_t timescale) {
  std::uint64_t longest = 1;
  for (const IFrame& frame : frames) longest = std::max(longest, rounded_seconds(frame.duration, timescale));
  return longest;
}

}  // namespace

Bandwidth bandwidth_of(const std::vector<IFrame>& frames, std::uint32_t timescale) {
  std::vector<RenditionSegment> segments;
  segments.reserve(frames.size());
  for (const IFrame& frame : frames) segments.push_back({0, 0, frame.duration, frame.bytes});
  Bandwidth rate = bandwidth_of(segments, timescale);
  rate.peak = peak_rate(segments, timescale, target_duration(frames, timescale));
  return rate;
}

Result<Packaged> package_iframe_playlist(const IndexView& index, std::uint32_t track) {
  const IndexView::Track* found = index.playable_track(track);
  if (found == nullptr) return no_track(track);
  const Rendition picture = source_rendition(*found, track);
  const auto frames = iframes_of(picture);
  if (frames.empty()) return no_track(track);
  std::string text = playlist_head(kFragmentedVersion, target_duration(frames, picture.timescale));
  text += "#EXT-X-I-FRAMES-ONLY\n";
  TagWriter(text, "EXT-X-MAP").quoted("URI", "init.mp4");
  for (const IFrame& frame : frames) {
    text += "#EXTINF:" + decimal_seconds(frame.duration, picture.timescale, kDurationDigits) + ",\n";
    text +=
        "#EXT-X-BYTERANGE:" + std::to_string(frame.bytes) + "@0\n" + std::to_string(frame.segment) + ".m4s\n";
  }
  text += "#EXT-X-ENDLIST\n";
  Packaged packaged{kPlaylistType, {}};
  packaged.body.emplace_back(std::move(text));
  return packaged;
}

}  // namespace carrel::streamer
