#include <chrono>

#include "orchestrator/accounts/accounts.hpp"
#include "orchestrator/http/handlers.hpp"
#include "orchestrator/http/playing.hpp"
#include "orchestrator/http/problem.hpp"
#include "orchestrator/http/stream_order.hpp"
#include "orchestrator/http/stream_path.hpp"
#include "orchestrator/http/variant_files.hpp"
#include "orchestrator/library/library.hpp"
#include "orchestrator/observe/log.hpp"

namespace carrel::http {

using library::Video;
using library::VideoState;
using protocol::Resource;

namespace {

constexpr std::chrono::seconds kIndexRetry{5};

/// Relative URLs in a playlist keep a token that is part of the path, so that the streamer need not know it.
Response redirect_with_token(const Request& request, Resource resource) {
  Response response = make_response(302, {}, {});
  response.headers.emplace_back("Location", with_token_in_path(request, resource));
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

Response no_such_stream() {
  return problem(404, "not-found", "There is no such stream", "Look at /api/v1/videos.");
}

Response not_yet(const Services& services, const Video& video) {
  if (video.row.state == VideoState::waiting || video.row.state == VideoState::indexing) {
    return problem_later(503, "being-indexed", "The film is being looked at", "It plays in a moment.",
                         kIndexRetry);
  }
  const Playing playing = playing_of(services, video);
  return problem(409, "not-playable", "The film does not play yet", playing.reason);
}

Response not_opened(const Error& error) {
  if (error.kind == ErrorKind::conflict) {
    return problem_later(503, "being-indexed", "The film is being looked at again", error.message,
                         kIndexRetry);
  }
  if (error.kind == ErrorKind::busy) {
    // The reason may name paths.
    log::warn("stream.busy", {{"reason", error.message}});
    return problem_later(503, "unavailable", "Too much is going on", "Ask again in a moment.", kIndexRetry);
  }
  return problem(
      404, "film-unreadable", "The film cannot be read",
      "The file is gone, or the daemon may not read it. An administrator finds the reason in the log.");
}

}  // namespace

AsyncReply stream(Services& services, const Request& request) {
  const auto video = services.library.find(request.parameters.front());
  const auto path = parse_stream_path(request.parameters.back());
  if (!video || !path) co_return no_such_stream();
  const bool of_whole_film = !playlist_name(path->resource).empty();
  const bool token_in_query = !query_value(request.query, "token").empty();
  if (of_whole_film && token_in_query) co_return redirect_with_token(request, path->resource);

  const bool needs_index = path->resource != Resource::original;
  if (needs_index && !video->playable() && !has_variants(services, video->row))
    co_return not_yet(services, *video);
  if (!fits(*path, *video)) co_return no_such_stream();
  HandOver hand_over;
  hand_over.session = *request.session;
  hand_over.message = serve_message(request, *path, *video);
  hand_over.video = video->row.id;
  if (!path->variant.empty()) {
    Result<VariantFiles> variant = co_await open_variant(services, video->row, path->variant);
    if (variant.has_error() && variant.error().kind == ErrorKind::not_found) co_return no_such_stream();
    if (variant.has_error()) co_return not_opened(variant.error());
    hand_over.film = std::move(variant->media);
    hand_over.index = std::move(variant->index);
    hand_over.variant = path->variant;
    co_return Reply(std::move(hand_over));
  }
  const std::string quality = wished_quality(request);
  if (of_whole_film && quality != kOriginalQuality) {
    Result<VariantIndexes> variants = co_await open_variants(services, video->row, quality);
    if (variants.has_error()) co_return not_opened(variants.error());
    hand_over.message.variants = std::move(variants->names);
    hand_over.variants = std::move(variants->indexes);
  }
  Result<library::OpenFilm> open = co_await services.library.open(video, needs_index);
  if (open.has_error()) co_return not_opened(open.error());
  hand_over.film = std::move(open->film);
  hand_over.index = std::move(open->index);
  hand_over.message.retry_after = static_cast<std::uint32_t>(open->again.count());
  co_return Reply(std::move(hand_over));
}

}  // namespace carrel::http
