#include <algorithm>

#include "streamer/package/media_tags.hpp"
#include "streamer/package/missing.hpp"
#include "streamer/package/offer.hpp"
#include "streamer/package/package.hpp"
#include "streamer/package/playlist_type.hpp"
#include "streamer/package/tag.hpp"
#include "streamer/package/ts_layout.hpp"

namespace carrel::streamer {
namespace {

Packaged playlist(std::string text) {
  Packaged packaged{kPlaylistType, {}};
  packaged.body.emplace_back(std::move(text));
  return packaged;
}

/// The picture, or in a film without one the sound.
std::optional<std::uint32_t> main_track(const IndexView& index) {
  for (const MediaKind kind : {MediaKind::video, MediaKind::audio}) {
    std::optional<std::uint32_t> found;
    for (std::uint32_t i = 0; i < index.tracks().size(); ++i) {
      const TrackInfo& info = index.tracks()[i].info;
      const bool plays = info.playable() || info.use == TrackUse::convert || info.use == TrackUse::transcode;
      if (info.kind != kind || !plays) continue;
      if (!found || (info.is_default && !index.tracks()[*found].info.is_default)) found = i;
    }
    if (found) return found;
  }
  return std::nullopt;
}

/// Seconds.
std::uint64_t target_duration(const TsPlan& plan) {
  std::uint64_t longest = 1;
  for (const TsSegment& segment : plan.segments)
    longest = std::max(longest, rounded_seconds(segment.end - segment.start, kTsClock));
  return longest;
}

Result<Bandwidth> bandwidth_of_ts(const IndexView& index, const TsPlan& plan) {
  std::vector<RenditionSegment> segments;
  for (std::size_t i = 0; i < plan.segments.size(); ++i) {
    const auto parts = lay_out(index, plan, i);
    if (!parts) return parts.error();
    std::uint64_t packets = 0;
    for (const TsPart& part : *parts) packets += part.packets;
    segments.push_back({0, 0, plan.segments[i].end - plan.segments[i].start, packets * kTsPacket});
  }
  Bandwidth rate = bandwidth_of(segments, kTsClock);
  rate.peak = peak_rate(segments, kTsClock, target_duration(plan));
  return rate;
}

}  // namespace

Result<Packaged> package_ts_master(const WholeFilm& film) {
  const auto track = main_track(film.index);
  if (!track) return no_track(0);
  const auto plan = plan_ts(film.index, *track);
  if (!plan) return plan.error();
  const auto rate = bandwidth_of_ts(film.index, *plan);
  if (!rate) return rate.error();
  std::string codecs;
  if (plan->picture != nullptr) codecs = plan->picture->info.codec_string;
  if (plan->sound != nullptr)
    codecs += (codecs.empty() ? "" : ",") + (plan->made ? kAacCodecString : plan->sound->info.codec_string);
  std::string text = "#EXTM3U\n#EXT-X-VERSION:" + std::to_string(kDecimalVersion) + "\n";
  if (plan->picture == nullptr || plan->picture->info.independent) text += "#EXT-X-INDEPENDENT-SEGMENTS\n";
  std::vector<Rendition> texts = texts_of(film.index);
  for (Rendition& one : texts) one.path += "ts/";  // whose times are on another clock
  write_texts(text, texts);
  {
    TagWriter tag(text, "EXT-X-STREAM-INF");
    tag.number("BANDWIDTH", rate->peak).number("AVERAGE-BANDWIDTH", rate->average).quoted("CODECS", codecs);
    if (plan->picture != nullptr) {
      const Rendition picture = source_rendition(*plan->picture, *track);
      tag.plain("RESOLUTION",
                std::to_string(picture.shown_width) + "x" + std::to_string(picture.shown_height));
      tag.plain("FRAME-RATE", decimal_seconds(milliframes(picture), 1000, 3));
      tag.plain("VIDEO-RANGE", video_range(picture));
    }
    if (!texts.empty()) tag.quoted("SUBTITLES", kTexts);
  }
  text += std::to_string(*track) + "/ts/playlist.m3u8\n";
  return playlist(std::move(text));
}

Result<Packaged> package_ts_playlist(const IndexView& index, std::uint32_t track) {
  const auto plan = plan_ts(index, track);
  if (!plan) return plan.error();
  std::string text = playlist_head(kDecimalVersion, target_duration(*plan));
  for (std::size_t i = 0; i < plan->segments.size(); ++i) {
    const TsSegment& segment = plan->segments[i];
    text += "#EXTINF:" + decimal_seconds(segment.end - segment.start, kTsClock, kDurationDigits) + ",\n";
    text += std::to_string(i) + ".ts\n";
  }
  text += "#EXT-X-ENDLIST\n";
  return playlist(std::move(text));
}

}  // namespace carrel::streamer
