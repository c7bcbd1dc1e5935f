#include <utility>

#include "orchestrator/http/event_text.hpp"
#include "orchestrator/http/handlers.hpp"
#include "orchestrator/http/problem.hpp"
#include "orchestrator/observe/event_feed.hpp"

namespace carrel::http {
namespace {

constexpr std::chrono::seconds kComeBack{10};

Reply listen_to(Services& services, const Request& request, const std::string& session, Audience audience) {
  const auto after = parse_event_id(request.headers.last_event_id);
  auto listener = services.feed.listen(session, after);
  if (!listener) {
    return problem_later(429, "busy", "Too many listen already",
                         "Close a page that plays a film, or end a carrelctl events; then try again.",
                         kComeBack);
  }
  return EventStream{std::move(listener), audience == Audience::viewer};
}

}  // namespace

AsyncReply admin_events(Services& services, const Request& request) {
  co_return listen_to(services, request, {}, Audience::administrators);
}

AsyncReply own_events(Services& services, const Request& request) {
  co_return listen_to(services, request, request.session->id, Audience::viewer);
}

}  // namespace carrel::http
