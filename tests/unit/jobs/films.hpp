#pragma once

#include <string>

#include "orchestrator/jobs/ladder.hpp"
#include "orchestrator/library/video.hpp"

namespace carrel::jobs::test {

inline constexpr std::uint64_t kHour = 3'600'000'000;  // in microseconds

/// A film of one hour in 1080p that plays.
inline Film good_film(std::string id) {
  Film film;
  film.id = std::move(id);
  film.size = 5;
  film.mtime_ns = 7;
  film.ready = true;
  film.has_picture = true;
  film.width = 1920;
  film.height = 1080;
  film.milliframes = 25'000;
  film.picture_bits_per_second = 8'000'000;
  film.duration_us = kHour;
  return film;
}

/// One that no browser plays, in 576 lines.
inline Film old_film(std::string id) {
  Film film = good_film(std::move(id));
  film.needs_play = true;
  film.width = 720;
  film.height = 576;
  film.picture_bits_per_second = 1'000'000;
  return film;
}

inline protocol::TrackSummary picture_track(protocol::TrackUse use, std::string codec) {
  protocol::TrackSummary track;
  track.kind = protocol::TrackKind::video;
  track.use = use;
  track.codec = std::move(codec);
  track.width = 1920;
  track.height = 1080;
  track.milliframes = 25'000;
  track.bits_per_second = 8'000'000;
  return track;
}

inline protocol::TrackSummary sound_track(protocol::TrackUse use, std::string codec) {
  protocol::TrackSummary track;
  track.kind = protocol::TrackKind::audio;
  track.use = use;
  track.codec = std::move(codec);
  track.channels = 2;
  track.bits_per_second = 192'000;
  return track;
}

inline protocol::Indexed indexed_film(bool playable) {
  protocol::Indexed facts;
  facts.readable = true;
  facts.playable = playable;
  facts.convertible = true;
  facts.container = "mp4";
  facts.mime_type = "video/mp4";
  facts.duration_us = kHour;
  if (!playable) facts.reason = "No browser plays its picture.";
  const auto use = playable ? protocol::TrackUse::remux : protocol::TrackUse::convert;
  facts.tracks = {picture_track(use, playable ? "avc1.640028" : "mpeg4"),
                  sound_track(protocol::TrackUse::remux, "mp4a.40.2")};
  return facts;
}

inline library::Video ready_video(std::string id, bool playable) {
  library::Video video;
  video.row.id = std::move(id);
  video.row.size = 5;
  video.row.mtime_ns = 7;
  video.row.state = library::VideoState::ready;
  video.facts = indexed_film(playable);
  return video;
}

}  // namespace carrel::jobs::test
