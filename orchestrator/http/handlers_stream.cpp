#include <chrono>

#include "base/unix_time.hpp"
#include "orchestrator/accounts/accounts.hpp"
#include "orchestrator/http/handlers.hpp"
#include "orchestrator/http/problem.hpp"
#include "orchestrator/http/stream_path.hpp"
#include "orchestrator/library/library.hpp"
#include "orchestrator/library/media_type.hpp"
#include "streamer/protocol/conditions.hpp"

namespace carrel::http {

using library::Video;
using library::VideoState;

namespace {

constexpr std::chrono::seconds kIndexRetry{5};

/// Relative URLs in a playlist keep a token that is part of the path, so that the streamer need not know it.
Response redirect_with_token(const Request& request) {
  Response response = make_response(302, {}, {});
  response.headers.emplace_back(
      "Location", "/stream/" + request.parameters.front() + "/t/" + request.stream_token + "/master.m3u8");
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

Response not_yet(const Video& video) {
  if (video.row.state == VideoState::waiting || video.row.state == VideoState::indexing) {
    return problem_later(503, "being-indexed", "The film is being looked at", "It plays in a moment.",
                         kIndexRetry);
  }
  return problem(409, "not-playable", "The film does not play yet", video.row.reason);
}

protocol::Serve message_for(const Request& request, const StreamPath& path, const Video& video) {
  protocol::Serve message;
  message.resource = path.resource;
  message.track = path.track;
  message.segment = path.segment;
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

}  // namespace

AsyncReply stream(Services& services, const Request& request) {
  const auto video = services.library.find(request.parameters.front());
  const auto path = parse_stream_path(request.parameters.back());
  if (!video || !path)
    co_return problem(404, "not-found", "There is no such stream", "Look at /api/v1/videos.");
  const bool token_in_query = !query_value(request.query, "token").empty();
  if (path->resource == protocol::Resource::master && token_in_query) co_return redirect_with_token(request);

  const bool needs_index = path->resource != protocol::Resource::original;
  if (needs_index && !video->playable()) co_return not_yet(*video);
  Result<library::OpenFilm> open = co_await services.library.open(video, needs_index);
  if (open.has_error()) {
    if (open.error().kind == ErrorKind::conflict) {
      co_return problem_later(503, "being-indexed", "The film is being looked at again", open.error().message,
                              kIndexRetry);
    }
    if (open.error().kind == ErrorKind::busy) co_return problem_from(open.error());
    co_return problem(
        404, "film-unreadable", "The film cannot be read",
        "The file is gone, or the daemon may not read it. An administrator finds the reason in the log.");
  }
  HandOver hand_over;
  hand_over.session = *request.session;
  hand_over.message = message_for(request, *path, *video);
  hand_over.film = std::move(open->film);
  hand_over.index = std::move(open->index);
  hand_over.video = video->row.id;
  co_return Reply(std::move(hand_over));
}

}  // namespace carrel::http
