#include <algorithm>
#include <cstdint>
#include <optional>

#include "base/unix_time.hpp"
#include "orchestrator/http/handlers.hpp"
#include "orchestrator/http/json_body.hpp"
#include "orchestrator/http/playing.hpp"
#include "orchestrator/http/position.hpp"
#include "orchestrator/http/problem.hpp"
#include "orchestrator/http/stream_path.hpp"
#include "orchestrator/jobs/picture_plan.hpp"
#include "orchestrator/jobs/pictures.hpp"
#include "orchestrator/library/library.hpp"
#include "orchestrator/store/positions.hpp"
#include "orchestrator/store/store.hpp"

namespace carrel::http {

using library::Video;
using nlohmann::json;

namespace {

constexpr std::size_t kPageSize = 200;
constexpr double kMicrosecondsPerSecond = 1e6;

json tracks_json(const Video& video) {
  json tracks = json::array();
  if (!video.facts) return tracks;
  for (const auto& track : video.facts->tracks) {
    tracks.push_back(
        {{"kind", library::to_string(track.kind)},
         {"codec", track.codec},
         {"language", track.language},
         {"title", track.title},
         {"channels", track.channels},
         {"default", track.is_default},
         {"playable", track.use == protocol::TrackUse::remux || track.use == protocol::TrackUse::transcode ||
                          track.use == protocol::TrackUse::cues}});
  }
  return tracks;
}

const protocol::TrackSummary* picture_of(const Video& video) {
  if (!video.facts) return nullptr;
  const auto& tracks = video.facts->tracks;
  const auto found = std::ranges::find(tracks, protocol::TrackKind::video, &protocol::TrackSummary::kind);
  return found == tracks.end() ? nullptr : &*found;
}

/// Null: nothing is being made, and nothing failed, that would let the film play.
json conversion_json(const std::optional<store::JobRow>& job) {
  if (!job || job->state == store::JobState::done || job->state == store::JobState::cancelled) return nullptr;
  return {{"state", store::to_string(job->state)}, {"progress", store::share_done(*job)}};
}

json video_json(const Services& services, const Video& video, const std::string& base_path,
                std::optional<std::int64_t> position) {
  const Playing playing = playing_of(services, video);
  json value{{"id", video.row.id},
             {"title", video.row.title},
             {"duration_seconds", nullptr},
             {"position_seconds", nullptr},
             {"container", nullptr},
             {"mime_type", library::media_type_of(video)},
             {"playable", playing.playable},
             {"reason", nullptr},
             {"conversion", conversion_json(playing.job)},
             {"findings", json::array()},
             {"poster_url", nullptr},
             {"state", library::to_string(video.row.state)},
             {"width", nullptr},
             {"height", nullptr},
             {"size_bytes", video.row.size},
             {"added_at", rfc3339(video.row.added_at)},
             {"tracks", tracks_json(video)}};
  if (!playing.playable) value["reason"] = playing.reason;
  // The film may have become another since.
  const auto second = goes_on_at(static_cast<double>(position.value_or(0)), duration_of(video));
  if (second) value["position_seconds"] = *second;
  if (services.pictures.has(video.row, std::string(jobs::kPosterName)))
    value["poster_url"] = base_path + "/stream/" + video.row.id + "/poster.jpg";
  if (video.facts) {
    value["duration_seconds"] = static_cast<double>(video.facts->duration_us) / kMicrosecondsPerSecond;
    value["container"] = video.facts->container;
    value["findings"] = video.facts->findings;
  }
  if (const auto* picture = picture_of(video)) {
    value["width"] = picture->width;
    value["height"] = picture->height;
  }
  return value;
}

}  // namespace

AsyncReply list_videos(Services& services, const Request& request) {
  auto look = [user = request.session->user_id](sqlite::Connection& db) {
    return store::load_positions(db, user);
  };
  const Result<store::Positions> positions = co_await services.store.read(std::move(look));
  if (positions.has_error()) co_return problem_from(positions.error());
  // One more than a page holds tells whether there is a next one.
  auto page = services.library.page(query_value(request.query, "after"), kPageSize + 1);
  const bool more = page.size() > kPageSize;
  if (more) page.pop_back();
  json items = json::array();
  for (const auto& video : page) {
    const auto kept = positions->find(video->row.id);
    const auto position = kept == positions->end() ? std::nullopt : std::optional(kept->second);
    items.push_back(video_json(services, *video, request.base_path, position));
  }
  json next = nullptr;
  if (more) next = page.back()->row.id;
  co_return json_response(200, {{"items", std::move(items)}, {"next", std::move(next)}});
}

AsyncReply show_video(Services& services, const Request& request) {
  const auto video = services.library.find(request.parameters.front());
  if (!video) co_return no_such_video();
  auto look = [user = request.session->user_id, id = video->row.id](sqlite::Connection& db) {
    return store::find_position(db, user, id);
  };
  const Result<std::optional<std::int64_t>> position = co_await services.store.read(std::move(look));
  if (position.has_error()) co_return problem_from(position.error());
  co_return json_response(200, video_json(services, *video, request.base_path, *position));
}

}  // namespace carrel::http
