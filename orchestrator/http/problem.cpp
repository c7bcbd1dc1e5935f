#include "orchestrator/http/problem.hpp"

#include <nlohmann/json.hpp>
#include <random>

#include "orchestrator/observe/log.hpp"

namespace carrel::http {
namespace {

constexpr std::chrono::seconds kSoon{5};

std::chrono::seconds jittered(std::chrono::seconds base) {
  thread_local std::minstd_rand random{std::random_device{}()};
  std::uniform_int_distribution<long> extra(0, base.count() / 2);
  return base + std::chrono::seconds(extra(random));
}

}  // namespace

Response problem(unsigned status, std::string_view slug, std::string_view title, std::string detail) {
  const nlohmann::json document{{"type", "urn:carrel:problem:" + std::string(slug)},
                                {"title", title},
                                {"status", status},
                                {"detail", std::move(detail)}};
  // Details may quote what came from outside; a document that is not UTF-8 would help nobody.
  auto text = document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  Response response = make_response(status, "application/problem+json", std::move(text));
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

Response problem_later(unsigned status, std::string_view slug, std::string_view title, std::string detail,
                       std::chrono::seconds retry_after) {
  Response response = problem(status, slug, title, std::move(detail));
  response.headers.emplace_back("Retry-After", std::to_string(jittered(retry_after).count()));
  return response;
}

Response problem_from(const Error& error) {
  switch (error.kind) {
    case ErrorKind::invalid: return problem(400, "invalid", "The request is not valid", error.message);
    case ErrorKind::not_found: return problem(404, "not-found", "There is no such thing", error.message);
    case ErrorKind::forbidden: return problem(403, "forbidden", "This is not allowed", error.message);
    case ErrorKind::conflict:
      return problem(409, "conflict", "The present state does not allow this", error.message);
    case ErrorKind::busy: return problem_later(429, "busy", "Too much is going on", error.message, kSoon);
    case ErrorKind::unavailable:
      return problem_later(503, "unavailable", "A part that is needed does not answer", error.message, kSoon);
    case ErrorKind::timeout:
      return problem_later(504, "timeout", "A part that is needed took too long", error.message, kSoon);
    case ErrorKind::internal: break;
  }
  // For the log: it may name what is no viewer's business, such as paths.
  log::error("http.internal", {{"reason", error.message}});
  return problem(500, "internal", "Something failed that should not", "The daemon's log says what.");
}

}  // namespace carrel::http
