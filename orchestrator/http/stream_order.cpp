#include "orchestrator/http/stream_order.hpp"

#include <algorithm>

#include "base/escape.hpp"
#include "base/unix_time.hpp"
#include "orchestrator/library/media_type.hpp"
#include "streamer/protocol/conditions.hpp"
#include "streamer/protocol/plays.hpp"

namespace carrel::http {

using protocol::Resource;

namespace {

std::string_view extension_of(std::string_view document) {
  return document == "vobsub" ? "sub" : document;
}

bool of_whole_film(Resource resource) {
  return !playlist_name(resource).empty();
}

bool may_have_hev1(const library::Video& video) {
  const auto& facts = video.facts;
  return facts && (facts->mime_type == "video/mp4" || facts->mime_type == "video/quicktime") &&
         std::ranges::any_of(facts->tracks, [](const protocol::TrackSummary& track) {
           return track.codec.starts_with("hvc1") || track.codec.starts_with("hev1");
         });
}

std::uint32_t plays_of(const Request& request, Resource resource, const library::Video& video) {
  if (resource == Resource::original) {
    const bool exact = query_value(request.query, "exact") == "1";
    return !exact && may_have_hev1(video) ? protocol::kMarkHvc1 : 0;
  }
  if (!of_whole_film(resource)) return 0;
  std::uint32_t plays = protocol::parse_plays(percent_decoded(query_value(request.query, "caps")));
  const std::string quality = wished_quality(request);
  if (!quality.empty() && quality != kOriginalQuality) plays |= protocol::kVariantsOnly;
  return plays;
}

}  // namespace

bool fits(const StreamPath& path, const library::Video& video) {
  const bool about_a_track =
      path.variant.empty() && (path.resource == Resource::segment || path.resource == Resource::ts_segment ||
                               path.resource == Resource::subtitle_document);
  if (!about_a_track) return true;
  if (!video.facts || path.track >= video.facts->tracks.size()) return false;
  const protocol::TrackSummary& track = video.facts->tracks[path.track];
  if (path.resource == Resource::subtitle_document)
    return !track.document.empty() && extension_of(track.document) == path.extension;
  return (track.use == protocol::TrackUse::cues) == (path.extension == "vtt");
}

std::string wished_quality(const Request& request) {
  return std::string(query_value(request.query, "quality"));
}

protocol::Serve serve_message(const Request& request, const StreamPath& path, const library::Video& video) {
  protocol::Serve message;
  message.resource = path.resource;
  message.track = path.track;
  message.segment = path.segment;
  message.form = path.form;
  message.plays = plays_of(request, path.resource, video);
  message.head = request.method == Method::head;
  message.keep_alive = request.keep_alive;
  message.date = unix_now();
  message.content_type = library::media_type_of(video);
  message.request_id = request.request_id;
  const auto& headers = request.headers;
  protocol::ConditionHeaders conditions;
  conditions.range = headers.range;
  conditions.if_range = headers.if_range;
  conditions.if_match = headers.if_match;
  conditions.if_none_match = headers.if_none_match;
  conditions.if_modified_since = headers.if_modified_since;
  conditions.if_unmodified_since = headers.if_unmodified_since;
  message.conditions = protocol::parse_conditions(conditions);
  return message;
}

std::string with_token_in_path(const Request& request, Resource resource) {
  std::string url =
      request.base_path + "/stream/" + request.parameters.front() + "/t/" + request.stream_token + "/";
  url += playlist_name(resource);
  char separator = '?';
  for (const std::string_view name : {"caps", "quality"}) {
    const std::string_view value = query_value(request.query, name);
    const bool plain = std::ranges::all_of(value, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ',' ||
             c == '%';
    });
    if (value.empty() || !plain) continue;
    url.append(1, separator).append(name).append("=").append(value);
    separator = '&';
  }
  return url;
}

}  // namespace carrel::http
