// Pictures of films. They are small and few, so the daemon sends them itself.
#include <charconv>
#include <chrono>

#include "orchestrator/http/handlers.hpp"
#include "orchestrator/http/problem.hpp"
#include "orchestrator/http/query.hpp"
#include "orchestrator/http/stream_path.hpp"
#include "orchestrator/jobs/pictures.hpp"
#include "orchestrator/library/library.hpp"
#include "streamer/protocol/conditions.hpp"

namespace carrel::http {

namespace {

constexpr std::chrono::seconds kRetry{3};
constexpr std::uint64_t kLongestFilm = 100'000'000;  // seconds
constexpr std::int64_t kWidest = 4096;
constexpr std::int64_t kUsualWidth = 320;
constexpr char kCaching[] = "private, max-age=86400";

Response no_picture(std::string why) {
  return problem(404, "no-picture", "There is no such picture", std::move(why));
}

/// The film, if pictures can be made of it; else the answer.
std::variant<std::shared_ptr<const library::Video>, Response> film_for(const Services& services,
                                                                       const Request& request) {
  using library::VideoState;
  const auto video = services.library.find(request.parameters.front());
  if (!video) return no_picture("There is no such film.");
  const auto state = video->row.state;
  if (state == VideoState::waiting || state == VideoState::indexing) {
    return problem_later(503, "being-indexed", "The film is being looked at",
                         "There are pictures in a moment.", kRetry);
  }
  if (!jobs::film_of(*video).has_picture) return no_picture("The film has no picture that can be shown.");
  return video;
}

bool is_current(const Request& request, const std::string& tag, std::int64_t made_at) {
  protocol::ConditionHeaders headers;
  headers.if_none_match = request.headers.if_none_match;
  headers.if_modified_since = request.headers.if_modified_since;
  const protocol::Conditions conditions = protocol::parse_conditions(headers);
  if (conditions.if_none_match) {
    if (conditions.if_none_match->any) return true;
    for (const auto& known : conditions.if_none_match->tags) {
      if (known.opaque == tag) return true;
    }
    return false;
  }
  return conditions.if_modified_since && made_at <= *conditions.if_modified_since;
}

Response cached(const Request& request, std::string type, std::shared_ptr<const std::string> body,
                const std::string& tag, std::int64_t made_at) {
  Response response;
  if (is_current(request, tag, made_at)) {
    response.status = 304;
  } else {
    response.content_type = std::move(type);
    response.body = std::move(body);
  }
  response.headers.emplace_back("ETag", "\"" + tag + "\"");
  response.headers.emplace_back("Last-Modified", protocol::format_http_date(made_at));
  response.headers.emplace_back("Cache-Control", kCaching);
  return response;
}

Response failed(const Error& error) {
  if (error.kind == ErrorKind::not_found) return no_picture(error.message);
  return problem_later(503, "picture-not-ready", "The picture is being made", error.message, kRetry);
}

jobs::Asker asker_of(const Request& request) {
  return {request.session ? request.session->id : std::string(), request.client_gone};
}

AsyncReply answer(Services& services, const Request& request, std::shared_ptr<const library::Video> video,
                  jobs::PicturePlan plan) {
  Result<jobs::Picture> picture = co_await services.pictures.get(video, std::move(plan), asker_of(request));
  if (picture.has_error()) co_return failed(picture.error());
  co_return cached(request, "image/jpeg", picture->jpeg, picture->tag, picture->made_at);
}

std::optional<std::uint32_t> sheet_of(std::string_view name) {
  constexpr std::string_view kEnd = ".jpg";
  if (!name.ends_with(kEnd)) return std::nullopt;
  name.remove_suffix(kEnd.size());
  std::uint32_t sheet = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), sheet);
  if (error != std::errc() || end != name.data() + name.size()) return std::nullopt;
  return sheet;
}

}  // namespace

AsyncReply poster(Services& services, const Request& request) {
  auto film = film_for(services, request);
  if (auto* refusal = std::get_if<Response>(&film)) co_return std::move(*refusal);
  const auto video = std::get<std::shared_ptr<const library::Video>>(film);
  jobs::PicturePlan plan = jobs::poster_plan(jobs::film_of(*video));
  Reply reply = co_await answer(services, request, video, std::move(plan));
  co_return reply;
}

AsyncReply thumbnail(Services& services, const Request& request) {
  auto film = film_for(services, request);
  if (auto* refusal = std::get_if<Response>(&film)) co_return std::move(*refusal);
  const auto video = std::get<std::shared_ptr<const library::Video>>(film);
  const auto width = query_number(request.query, "w", 1, kWidest);
  if (width.has_error()) co_return problem_from(width.error());
  const auto seconds = query_seconds(request.query, "t", kLongestFilm);
  if (seconds.has_error()) co_return problem_from(seconds.error());
  auto plan = jobs::thumbnail_plan(jobs::film_of(*video), *seconds,
                                   static_cast<std::uint32_t>(width->value_or(kUsualWidth)));
  if (!plan) co_return no_picture("The film is shorter.");
  Reply reply = co_await answer(services, request, video, std::move(*plan));
  co_return reply;
}

AsyncReply sprite_sheet(Services& services, const Request& request) {
  auto film = film_for(services, request);
  if (auto* refusal = std::get_if<Response>(&film)) co_return std::move(*refusal);
  const auto video = std::get<std::shared_ptr<const library::Video>>(film);
  const auto sheet = sheet_of(request.parameters.back());
  if (!sheet) co_return no_picture("Sheets are named as sprites.vtt has them.");
  auto plan = jobs::sprite_plan(jobs::film_of(*video), *sheet);
  if (!plan) co_return no_picture("There are fewer sheets.");
  Reply reply = co_await answer(services, request, video, std::move(*plan));
  co_return reply;
}

AsyncReply sprite_map(Services& services, const Request& request) {
  // Its URLs are relative, so the token has to be part of the path.
  if (!query_value(request.query, "token").empty()) {
    Response redirect = make_response(302, {}, {});
    redirect.headers.emplace_back("Location", request.base_path + "/stream/" + request.parameters.front() +
                                                  "/t/" + request.stream_token + "/sprites.vtt");
    redirect.headers.emplace_back("Cache-Control", "no-store");
    co_return redirect;
  }
  auto film = film_for(services, request);
  if (auto* refusal = std::get_if<Response>(&film)) co_return std::move(*refusal);
  const auto video = std::get<std::shared_ptr<const library::Video>>(film);
  const jobs::Film facts = jobs::film_of(*video);
  auto first = jobs::sprite_plan(facts, 0);
  if (!first) co_return no_picture("The film is too short.");
  // How large a tile became is known once a sheet is made.
  Result<jobs::Picture> sheet = co_await services.pictures.get(video, std::move(*first), asker_of(request));
  if (sheet.has_error()) co_return failed(sheet.error());
  auto text = std::make_shared<const std::string>(jobs::sprites_vtt(facts, sheet->width, sheet->height));
  co_return cached(request, "text/vtt; charset=utf-8", std::move(text), sheet->tag + "-map", sheet->made_at);
}

}  // namespace carrel::http
