#include <algorithm>
#include <functional>

#include "base/unix_time.hpp"
#include "orchestrator/accounts/accounts.hpp"
#include "orchestrator/http/handlers.hpp"
#include "orchestrator/http/json_body.hpp"
#include "orchestrator/http/problem.hpp"
#include "orchestrator/http/query.hpp"

namespace carrel::http {

using nlohmann::json;

namespace {

json session_json(const accounts::Session& session) {
  return {{"id", session.id},
          {"user", session.user_name},
          {"role", session.role == accounts::Role::admin ? "admin" : "viewer"},
          {"address", session.address},
          {"created_at", rfc3339(session.created_at)},
          {"last_seen", rfc3339(session.last_seen)},
          {"expires_at", rfc3339(session.expires_at)}};
}

}  // namespace

AsyncReply list_sessions(Services& services, const Request& request) {
  const auto user = query_text(request.query, "user");
  auto sessions = services.accounts.sessions();
  // Ids are in the order of time.
  std::ranges::sort(sessions, std::greater<>(), &accounts::Session::id);
  json items = json::array();
  for (const auto& session : sessions) {
    if (!user || session.user_name == *user) items.push_back(session_json(session));
  }
  co_return json_response(200, {{"items", std::move(items)}});
}

AsyncReply revoke_session(Services& services, const Request& request) {
  const std::string id = request.parameters.front();
  const Result<void> revoked = co_await services.accounts.revoke(id, request.actor);
  if (revoked.has_error()) co_return problem_from(revoked.error());
  Response response = make_response(204, {}, {});
  response.headers.emplace_back("Cache-Control", "no-store");
  co_return response;
}

}  // namespace carrel::http
