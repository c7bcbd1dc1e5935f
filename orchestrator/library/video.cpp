#include "orchestrator/library/video.hpp"

#include <nlohmann/json.hpp>

#include "orchestrator/library/media_type.hpp"
#include "orchestrator/library/title.hpp"

namespace carrel::library {

using nlohmann::json;

namespace {

json track_to_json(const protocol::TrackSummary& track) {
  return {{"kind", static_cast<int>(track.kind)},
          {"use", static_cast<int>(track.use)},
          {"default", track.is_default},
          {"forced", track.forced},
          {"hearing_impaired", track.hearing_impaired},
          {"external", track.external},
          {"milliframes", track.milliframes},
          {"document", track.document},
          {"codec", track.codec},
          {"language", track.language},
          {"title", track.title},
          {"width", track.width},
          {"height", track.height},
          {"channels", track.channels},
          {"sample_rate", track.sample_rate},
          {"bits_per_second", track.bits_per_second}};
}

protocol::TrackSummary track_from_json(const json& value) {
  protocol::TrackSummary track;
  track.kind = static_cast<protocol::TrackKind>(value.at("kind").get<int>());
  track.use = static_cast<protocol::TrackUse>(value.at("use").get<int>());
  track.is_default = value.at("default").get<bool>();
  track.forced = value.at("forced").get<bool>();
  track.hearing_impaired = value.at("hearing_impaired").get<bool>();
  track.external = value.at("external").get<bool>();
  track.milliframes = value.at("milliframes").get<std::uint32_t>();
  track.document = value.at("document").get<std::string>();
  track.codec = value.at("codec").get<std::string>();
  track.language = value.at("language").get<std::string>();
  track.title = value.at("title").get<std::string>();
  track.width = value.at("width").get<std::uint32_t>();
  track.height = value.at("height").get<std::uint32_t>();
  track.channels = value.at("channels").get<std::uint32_t>();
  track.sample_rate = value.at("sample_rate").get<std::uint32_t>();
  track.bits_per_second = value.at("bits_per_second").get<std::uint64_t>();
  return track;
}

}  // namespace

std::string media_type_of(const Video& video) {
  if (video.facts && is_media_type(video.facts->mime_type)) return video.facts->mime_type;
  return std::string(media_type_of(extension_of(video.row.path)));
}

std::string facts_to_json(const protocol::Indexed& facts) {
  json tracks = json::array();
  for (const auto& track : facts.tracks) tracks.push_back(track_to_json(track));
  const json value{
      {"playable", facts.playable}, {"convertible", facts.convertible}, {"chapters", facts.chapters},
      {"findings", facts.findings}, {"container", facts.container},     {"mime_type", facts.mime_type},
      {"reason", facts.reason},     {"duration_us", facts.duration_us}, {"tracks", std::move(tracks)}};
  // Titles and languages are the film's own bytes.
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<protocol::Indexed> facts_from_json(const std::string& text) {
  try {
    const json value = json::parse(text);
    protocol::Indexed facts;
    facts.readable = true;
    facts.playable = value.at("playable").get<bool>();
    facts.convertible = value.at("convertible").get<bool>();
    facts.chapters = value.at("chapters").get<std::uint32_t>();
    facts.findings = value.at("findings").get<std::vector<std::string>>();
    facts.container = value.at("container").get<std::string>();
    facts.mime_type = value.at("mime_type").get<std::string>();
    facts.reason = value.at("reason").get<std::string>();
    facts.duration_us = value.at("duration_us").get<std::uint64_t>();
    for (const json& track : value.at("tracks")) facts.tracks.push_back(track_from_json(track));
    return facts;
  } catch (const json::exception& e) {
    return make_error(ErrorKind::invalid,
                      std::string("the stored summary of a film is damaged: ") + e.what());
  }
}

std::string_view to_string(VideoState state) {
  switch (state) {
    case VideoState::waiting: return "waiting";
    case VideoState::indexing: return "indexing";
    case VideoState::ready: return "ready";
    case VideoState::failed: return "failed";
  }
  return "failed";
}

std::string_view to_string(protocol::TrackKind kind) {
  switch (kind) {
    case protocol::TrackKind::video: return "video";
    case protocol::TrackKind::audio: return "audio";
    case protocol::TrackKind::subtitle: return "subtitle";
    case protocol::TrackKind::other: return "other";
  }
  return "other";
}

}  // namespace carrel::library
