#include <limits>

#include "base/unix_time.hpp"
#include "orchestrator/accounts/audit_log.hpp"
#include "orchestrator/http/handlers.hpp"
#include "orchestrator/http/json_body.hpp"
#include "orchestrator/http/problem.hpp"
#include "orchestrator/http/query.hpp"

namespace carrel::http {

using nlohmann::json;

namespace {

constexpr std::int64_t kPage = 100;
constexpr std::int64_t kMaxPage = 1000;

json event_json(const store::Event& event) {
  return {{"id", event.id},         {"at", rfc3339(event.at)}, {"actor", event.actor},
          {"action", event.action}, {"object", event.object},  {"detail", event.detail}};
}

Result<store::EventQuery> query_of(const Request& request) {
  store::EventQuery query;
  const auto since = query_time(request.query, "since");
  if (since.has_error()) return since.error();
  query.since = *since;
  const auto before = query_number(request.query, "before", 0, std::numeric_limits<std::int64_t>::max());
  if (before.has_error()) return before.error();
  query.before = *before;
  const auto limit = query_number(request.query, "limit", 1, kMaxPage);
  if (limit.has_error()) return limit.error();
  query.limit = limit->value_or(kPage);
  query.actor = query_text(request.query, "actor");
  query.action = query_text(request.query, "action");
  query.object = query_text(request.query, "object");
  return query;
}

}  // namespace

AsyncReply list_audit(Services& services, const Request& request) {
  const Result<store::EventQuery> query = query_of(request);
  if (query.has_error()) co_return problem_from(query.error());
  const Result<accounts::AuditLog::Page> page = co_await services.audit.find(*query);
  if (page.has_error()) co_return problem_from(page.error());
  json items = json::array();
  for (const auto& event : page->events) items.push_back(event_json(event));
  json next = nullptr;
  if (page->more) next = page->events.back().id;
  co_return json_response(200, {{"items", std::move(items)}, {"next", std::move(next)}});
}

}  // namespace carrel::http
