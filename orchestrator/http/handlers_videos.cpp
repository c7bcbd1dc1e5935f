#include <algorithm>
#include <chrono>

#include "base/unix_time.hpp"
#include "orchestrator/accounts/accounts.hpp"
#include "orchestrator/accounts/stream_tokens.hpp"
#include "orchestrator/http/handlers.hpp"
#include "orchestrator/http/json_body.hpp"
#include "orchestrator/http/problem.hpp"
#include "orchestrator/http/stream_path.hpp"
#include "orchestrator/library/library.hpp"
#include "orchestrator/library/media_type.hpp"

namespace carrel::http {

using library::Video;
using library::VideoState;
using nlohmann::json;

namespace {

constexpr std::size_t kPageSize = 200;
constexpr double kMicrosecondsPerSecond = 1e6;

std::string reason_of(const Video& video) {
  switch (video.row.state) {
    case VideoState::waiting: return "This film waits to be looked at; it plays in a moment.";
    case VideoState::indexing: return "This film is being looked at; it plays in a moment.";
    case VideoState::ready:
    case VideoState::failed: break;
  }
  return video.row.reason;
}

json tracks_json(const Video& video) {
  json tracks = json::array();
  if (!video.facts) return tracks;
  for (const auto& track : video.facts->tracks) {
    tracks.push_back({{"kind", library::to_string(track.kind)},
                      {"codec", track.codec},
                      {"language", track.language},
                      {"title", track.title},
                      {"channels", track.channels},
                      {"default", track.is_default},
                      {"playable", track.use == protocol::TrackUse::remux}});
  }
  return tracks;
}

const protocol::TrackSummary* picture_of(const Video& video) {
  if (!video.facts) return nullptr;
  const auto& tracks = video.facts->tracks;
  const auto found = std::ranges::find(tracks, protocol::TrackKind::video, &protocol::TrackSummary::kind);
  return found == tracks.end() ? nullptr : &*found;
}

json video_json(const Video& video) {
  json value{{"id", video.row.id},
             {"title", video.row.title},
             {"duration_seconds", nullptr},
             {"container", nullptr},
             {"mime_type", library::media_type_of(video)},
             {"playable", video.playable()},
             {"reason", nullptr},
             {"state", library::to_string(video.row.state)},
             {"width", nullptr},
             {"height", nullptr},
             {"size_bytes", video.row.size},
             {"added_at", rfc3339(video.row.added_at)},
             {"tracks", tracks_json(video)}};
  if (!video.playable()) value["reason"] = reason_of(video);
  if (video.facts) {
    value["duration_seconds"] = static_cast<double>(video.facts->duration_us) / kMicrosecondsPerSecond;
    value["container"] = video.facts->container;
  }
  if (const auto* picture = picture_of(video)) {
    value["width"] = picture->width;
    value["height"] = picture->height;
  }
  return value;
}

json qualities_json(const Video& video) {
  json qualities = json::array();
  if (!video.playable()) return qualities;
  std::uint64_t bandwidth = 0;
  for (const auto& track : video.facts->tracks)
    bandwidth += track.use == protocol::TrackUse::remux ? track.bits_per_second : 0;
  const auto* picture = picture_of(video);
  const auto height = picture == nullptr ? 0U : picture->height;
  qualities.push_back({{"id", "original"},
                       {"label", height == 0 ? "Original" : "Original (" + std::to_string(height) + "p)"},
                       {"height", height},
                       {"bandwidth", bandwidth}});
  return qualities;
}

Response no_such_video() {
  return problem(404, "not-found", "There is no such video", "It may have been removed from the library.");
}

}  // namespace

AsyncReply list_videos(Services& services, const Request& request) {
  // One more than a page holds tells whether there is a next one.
  auto page = services.library.page(query_value(request.query, "after"), kPageSize + 1);
  const bool more = page.size() > kPageSize;
  if (more) page.pop_back();
  json items = json::array();
  for (const auto& video : page) items.push_back(video_json(*video));
  json next = nullptr;
  if (more) next = page.back()->row.id;
  co_return json_response(200, {{"items", std::move(items)}, {"next", std::move(next)}});
}

AsyncReply show_video(Services& services, const Request& request) {
  const auto video = services.library.find(request.parameters.front());
  if (!video) co_return no_such_video();
  co_return json_response(200, video_json(*video));
}

AsyncReply show_stream(Services& services, const Request& request) {
  const auto video = services.library.find(request.parameters.front());
  if (!video) co_return no_such_video();
  const auto expires_at =
      std::min(unix_now() + services.config.session.stream_token.count(), request.session->expires_at);
  const std::string token = services.tokens.issue(request.session->id, video->row.id, expires_at);
  const std::string root = "/stream/" + video->row.id;
  json value{{"stream_url", nullptr},
             {"original_url", root + "/original?token=" + token},
             {"mime_type", library::media_type_of(*video)},
             {"original_playable", library::plays_directly(library::media_type_of(*video))},
             {"qualities", qualities_json(*video)},
             {"token", token},
             {"expires_at", rfc3339(expires_at)}};
  if (video->playable()) value["stream_url"] = root + "/master.m3u8?token=" + token;
  co_return json_response(200, value);
}

}  // namespace carrel::http
