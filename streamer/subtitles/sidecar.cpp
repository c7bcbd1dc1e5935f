#include "streamer/subtitles/sidecar.hpp"

#include <utility>

#include "streamer/subtitles/ass.hpp"
#include "streamer/subtitles/ass_document.hpp"
#include "streamer/subtitles/detect_charset.hpp"
#include "streamer/subtitles/document.hpp"
#include "streamer/subtitles/kind.hpp"
#include "streamer/subtitles/pgs.hpp"
#include "streamer/subtitles/subrip.hpp"
#include "streamer/subtitles/vobsub.hpp"
#include "streamer/subtitles/vobsub_sidecar.hpp"
#include "streamer/subtitles/webvtt.hpp"

namespace carrel::streamer::subtitles {
namespace {

FilmIndex::Track track_of(const SidecarText& file, TrackUse use, std::string_view name) {
  FilmIndex::Track track;
  track.info.kind = MediaKind::subtitle;
  track.info.use = use;
  track.info.external = true;
  track.info.timescale = 1000;
  track.info.forced = file.forced;
  track.info.hearing_impaired = file.hearing_impaired;
  track.info.language = file.language;
  track.info.title = file.title;
  track.info.codec_string = name;
  return track;
}

std::vector<FilmIndex::Track> text_tracks(const SidecarText& file, std::int64_t origin_us) {
  const std::string text = text_from(file.bytes, file.language);
  std::vector<TimedText> cues;
  std::string_view name = kSubRip;
  // The first lines tell more than the extension does.
  const std::string_view head = std::string_view(text).substr(0, 4096);
  const bool ass = head.find("[Script Info]") != std::string_view::npos;
  if (ass) {
    name = kAss;
    cues = parse_ass(text);
  } else if (head.starts_with("WEBVTT")) {
    name = kWebVtt;
    cues = parse_webvtt(text);
  } else {
    cues = parse_subrip(text);
  }
  FilmIndex::Track track = track_of(file, TrackUse::cues, name);
  track.cues = place_cues(std::move(cues), origin_us);
  if (track.cues.empty()) return {};
  if (ass) {
    Document document(track);
    if (!document.add(shifted_ass(text, origin_us))) track.document.clear();
  }
  std::vector<FilmIndex::Track> tracks;
  tracks.push_back(std::move(track));
  return tracks;
}

std::vector<FilmIndex::Track> sup_tracks(const SidecarText& file, std::int64_t origin_us) {
  FilmIndex::Track track = track_of(file, TrackUse::pictures, kPgs);
  Document document(track);
  const std::string moved = shifted_sup(file.bytes, origin_us);
  std::vector<FilmIndex::Track> tracks;
  if (!moved.empty() && document.add(moved)) tracks.push_back(std::move(track));
  return tracks;
}

std::vector<FilmIndex::Track> vobsub_tracks(const SidecarText& file, std::int64_t origin_us) {
  std::vector<FilmIndex::Track> tracks;
  const std::string idx = text_from(file.bytes, file.language);
  for (const VobSubTrack& found : parse_vobsub(idx, file.sub)) {
    FilmIndex::Track track = track_of(file, TrackUse::pictures, kVobSub);
    if (track.info.language.empty()) track.info.language = found.language;
    Document document(track);
    VobSubIndex index(idx, track.info.language);
    for (const VobSubPicture& picture : found.pictures) {
      const std::int64_t us = picture.us - origin_us;
      if (us < 0 || index.text().size() + 64 > kMaxConfigBytes) continue;
      std::string packs;
      for (const VobSubPart& part : vobsub_packs(picture.bytes.size(), us)) {
        packs += part.made;
        packs += std::string_view(picture.bytes).substr(part.picture_offset, part.picture_bytes);
      }
      const std::uint64_t position = document.bytes();
      if (!document.add(packs)) break;
      index.add(us, position);
    }
    track.info.config = index.text();
    if (!track.document.empty()) tracks.push_back(std::move(track));
  }
  return tracks;
}

}  // namespace

std::vector<FilmIndex::Track> tracks_of(const SidecarText& file, std::int64_t origin_us) {
  if (file.extension == "sup") return sup_tracks(file, origin_us);
  if (file.extension == "idx") return vobsub_tracks(file, origin_us);
  return text_tracks(file, origin_us);
}

}  // namespace carrel::streamer::subtitles
