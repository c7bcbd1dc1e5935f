#include "orchestrator/http/handlers_errors.hpp"

#include "base/unix_time.hpp"
#include "orchestrator/http/json_body.hpp"
#include "orchestrator/observe/error_book.hpp"

namespace carrel::http {

using nlohmann::json;

namespace {

json or_null(const std::string& id) {
  return id.empty() ? json(nullptr) : json(id);
}

json group_json(const log::ErrorGroup& group) {
  return {{"event", group.event},
          {"level", group.level == log::Level::error ? "error" : "warn"},
          {"message", group.message},
          {"count", group.count},
          {"first_at", rfc3339(group.first)},
          {"last_at", rfc3339(group.last)},
          {"request", or_null(group.request)},
          {"session", or_null(group.session)},
          {"sandbox", or_null(group.sandbox)}};
}

}  // namespace

AsyncReply list_errors(Services&, const Request&) {
  json items = json::array();
  for (const log::ErrorGroup& group : log::error_book().groups()) items.push_back(group_json(group));
  co_return json_response(200, {{"items", std::move(items)}, {"total", log::error_book().noted()}});
}

}  // namespace carrel::http
