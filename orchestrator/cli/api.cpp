#include "orchestrator/cli/api.hpp"

#include <utility>

#include "orchestrator/cli/event_parser.hpp"
#include "orchestrator/lib/curl/blocking.hpp"

namespace carrel::cli {

using nlohmann::json;

namespace {

Failure unreachable(const curl::Failure& failure, const std::string& where) {
  using Cause = curl::Failure::Cause;
  if (failure.cause == Cause::forbidden) {
    return fail(ExitCode::refused, where + ": " + failure.message, kRunAsOwner);
  }
  std::string hint;
  if (failure.cause == Cause::missing || failure.cause == Cause::refused) hint = "; is carreld running?";
  if (failure.cause == Cause::timeout) hint = "; carreld does not answer, its log may say why";
  return fail(ExitCode::unreachable, where + ": " + failure.message + hint);
}

std::string member(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Answer<json> parsed(const std::string& body, const std::string& where) {
  if (body.empty()) return answer_of(json());
  json value = json::parse(body, nullptr, false);
  if (value.is_discarded())
    return fail(ExitCode::failed, where + " did not answer with JSON; is that carreld?");
  return answer_of(std::move(value));
}

/// The daemon's own words for a path, or a method, that it does not have; the second are those of the page,
/// which has every path that nobody else has.
bool is_no_route(int status, const std::string& title) {
  return status == 405 ||
         (status == 404 && (title == "There is no such resource" || title == "There is no such page"));
}

}  // namespace

Failure failure_from(int status, const std::string& body, const std::string& what) {
  const json problem = json::parse(body, nullptr, false);
  const bool is_problem = problem.is_object() && problem.contains("title");
  const std::string title = is_problem ? member(problem, "title") : "status " + std::to_string(status);
  const std::string detail = is_problem ? member(problem, "detail") : std::string();
  if (is_no_route(status, title)) {
    return fail(ExitCode::failed,
                "this carreld does not know " + what + "; it is of another version than carrelctl");
  }
  ExitCode code = ExitCode::failed;
  if (status == 404) code = ExitCode::not_found;
  if (status == 401 || status == 403) code = ExitCode::refused;
  if (status == 401) return fail(code, "the token is not valid: it was revoked, or has expired");
  return fail(code, detail.empty() ? title : title + ": " + detail);
}

Answer<std::string> Api::exchange(const std::string& method, const std::string& path, const std::string& body,
                                  std::chrono::milliseconds patience,
                                  std::function<bool(std::string_view)> on_chunk) const {
  curl::BlockingRequest request;
  request.method = method;
  request.url = endpoint_.base_url + path;
  request.unix_socket = endpoint_.unix_socket;
  request.ca_file = endpoint_.ca_file;
  request.body = body;
  request.timeout = patience;
  request.on_chunk = std::move(on_chunk);
  if (!body.empty()) request.headers.emplace_back("Content-Type: application/json");
  if (!endpoint_.token.empty()) request.headers.push_back("Authorization: Bearer " + endpoint_.token);
  auto outcome = curl::perform_blocking(request);
  if (outcome.has_error()) return unreachable(outcome.error(), endpoint_.shown);
  if (outcome->status < 200 || outcome->status > 299) {
    return failure_from(outcome->status, outcome->body, method + " " + path);
  }
  return std::move(outcome->body);
}

Answer<json> Api::get(const std::string& path) const {
  const auto body = exchange("GET", path, {}, kPatience, {});
  if (body.has_error()) return body.error();
  return parsed(*body, endpoint_.shown);
}

Answer<json> Api::send(const std::string& method, const std::string& path, const json& body,
                       std::chrono::milliseconds patience) const {
  const auto answered = exchange(method, path, body.is_null() ? std::string() : body.dump(), patience, {});
  if (answered.has_error()) return answered.error();
  return parsed(*answered, endpoint_.shown);
}

Answer<std::string> Api::get_text(const std::string& path) const {
  return exchange("GET", path, {}, kPatience, {});
}

Done Api::follow(const std::string& path, const std::function<bool(const ServerEvent&)>& take) const {
  EventParser parser(take);
  const auto ended = exchange("GET", path, {}, std::chrono::milliseconds(0),
                              [&parser](std::string_view bytes) { return parser.feed(bytes); });
  if (ended.has_error()) return ended.error();
  return {};
}

}  // namespace carrel::cli
