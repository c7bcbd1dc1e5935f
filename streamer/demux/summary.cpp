#include "streamer/demux/summary.hpp"

#include <algorithm>

#include "streamer/index/frame_rate.hpp"
#include "streamer/subtitles/kind.hpp"

namespace carrel::streamer {
namespace {

/// Cut where no UTF-8 sequence is torn. 64 tracks with three texts each stay well below a message's bound.
std::string bounded(const std::string& text, std::size_t most) {
  if (text.size() <= most) return text;
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end);
}

std::uint64_t average_rate(const FilmIndex::Track& track) {
  std::uint64_t bytes = 0;
  std::uint64_t ticks = 0;
  for (const SegmentRecord& segment : track.segments) {
    bytes += segment.bytes;
    ticks += segment.duration;
  }
  if (ticks == 0) return 0;
  const double seconds = static_cast<double>(ticks) / track.info.timescale;
  return static_cast<std::uint64_t>(static_cast<double>(bytes) * 8 / seconds);
}

std::uint32_t milliframes_of(const FilmIndex::Track& track) {
  std::uint64_t ticks = 0;
  for (const SegmentRecord& segment : track.segments) ticks += segment.duration;
  if (ticks == 0) return 0;
  const FrameRate rate = frame_rate_of(track.samples, track.info.timescale);
  return static_cast<std::uint32_t>(
      std::min<std::uint64_t>(milliframes(rate, ticks, track.info.timescale), 1'000'000'000));
}

protocol::TrackSummary summary_of(const FilmIndex::Track& track, std::uint64_t described_rate) {
  constexpr std::size_t most_codec = 64, most_language = 64, most_title = 512;
  const TrackInfo& info = track.info;
  protocol::TrackSummary summary;
  summary.kind = static_cast<protocol::TrackKind>(info.kind);
  summary.use = static_cast<protocol::TrackUse>(info.use);
  summary.is_default = info.is_default;
  summary.forced = info.forced;
  summary.hearing_impaired = info.hearing_impaired;
  summary.external = info.external;
  if (!track.document.empty()) summary.document = subtitles::document_kind(info);
  summary.codec = bounded(info.codec_string, most_codec);
  summary.language = bounded(info.language, most_language);
  summary.title = bounded(info.title, most_title);
  if (info.kind == MediaKind::video) {
    const auto [width, height] = shown_size(info);
    summary.width = width;
    summary.height = height;
    summary.milliframes = milliframes_of(track);
  }
  summary.channels = info.channels;
  summary.sample_rate = info.sample_rate;
  summary.bits_per_second = track.samples.empty() ? described_rate : average_rate(track);
  return summary;
}

}  // namespace

void withdraw_all(FilmIndex& index) {
  for (FilmIndex::Track& track : index.tracks) {
    track.info.use = TrackUse::none;
    track.samples = {};
    track.segments = {};
  }
}

protocol::Indexed summarise(const FilmIndex& index, const Collectors& collectors, const Container& container,
                            const Verdict& verdict) {
  protocol::Indexed indexed;
  indexed.readable = true;
  indexed.playable = verdict.playable;
  indexed.convertible = verdict.convertible;
  indexed.container = container.name;
  indexed.mime_type = container.mime_type;
  indexed.reason = bounded(index.problem, protocol::kMaxText);
  indexed.duration_us = index.duration_us;
  indexed.chapters = static_cast<std::uint32_t>(index.chapters.size());
  for (const std::string& finding : index.findings)
    if (indexed.findings.size() < protocol::kMaxFindings)
      indexed.findings.push_back(bounded(finding, protocol::kMaxText));
  // Tracks of files beside the film follow those that it has itself.
  for (std::size_t i = 0; i < index.tracks.size(); ++i) {
    const bool own = i < collectors.size();
    indexed.tracks.push_back(summary_of(index.tracks[i], own ? collectors[i]->track().bits_per_second : 0));
  }
  return indexed;
}

}  // namespace carrel::streamer
