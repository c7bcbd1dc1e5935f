// What there is to see of sandboxes.
#include <algorithm>
#include <chrono>
#include <optional>

#include "base/escape.hpp"
#include "base/unix_time.hpp"
#include "orchestrator/accounts/accounts.hpp"
#include "orchestrator/http/handlers.hpp"
#include "orchestrator/http/json_body.hpp"
#include "orchestrator/http/problem.hpp"
#include "orchestrator/http/sandbox_history.hpp"
#include "orchestrator/http/sandbox_json.hpp"
#include "orchestrator/sandbox/engine.hpp"
#include "orchestrator/sandbox/explain.hpp"
#include "orchestrator/sandbox/sandboxes.hpp"

namespace carrel::http {

using nlohmann::json;

namespace {

constexpr std::size_t kLogLines = 1000;
constexpr std::size_t kLogBytes = 256 * 1024;

Response no_such_sandbox(const std::string& id) {
  return problem(404, "not-found", "There is no such thing",
                 "No sandbox " + id + " lives or is on record; see the list of sandboxes.");
}

boost::asio::awaitable<std::string> name_of(Services& services, std::string user_id) {
  if (user_id.empty()) co_return std::string();
  const Result<std::vector<accounts::User>> users = co_await services.accounts.users();
  if (users.has_error()) co_return user_id;
  const auto found = std::ranges::find(*users, user_id, &accounts::User::id);
  co_return found == users->end() ? user_id : found->name;
}

sandbox::Facts facts_of(const Services& services, const sandbox::Sandbox& sandbox, std::int64_t now) {
  const auto& identity = sandbox.identity();
  sandbox::Facts facts;
  facts.role = identity.role;
  facts.state = sandbox.state();
  facts.user = user_of(services, sandbox);
  facts.answers = sandbox.answers();
  facts.touched_at = sandbox.last_touch().at;
  facts.touched_what = sandbox.last_touch().what;
  if (const auto& ending = sandbox.ending().value()) {
    facts.reason = ending->reason;
    facts.detail = ending->detail;
    // Nobody asked for it: the engine is being asked why.
    if (facts.reason == sandbox::Reason::none) facts.state = sandbox::State::stopping;
  }
  if (sandbox.stop_asked) {
    const auto left = sandbox.stop_asked->when - std::chrono::steady_clock::now();
    facts.stop_at = now + std::chrono::duration_cast<std::chrono::seconds>(left).count();
  }
  const auto session = services.accounts.by_id(identity.session);
  if (session.has_value()) facts.session_ends_at = session->expires_at;
  return facts;
}

sandbox::Reason reason_named(std::string_view name) {
  for (int value = 0; value <= static_cast<int>(sandbox::Reason::done); ++value) {
    if (to_string(static_cast<sandbox::Reason>(value)) == name) return static_cast<sandbox::Reason>(value);
  }
  return sandbox::Reason::none;
}

sandbox::Facts facts_of(const SandboxRecord& record) {
  sandbox::Facts facts;
  facts.state = sandbox::State::removed;
  if (record.journal) facts.touched_at = record.journal->updated_at;
  if (record.steps.empty()) return facts;
  const Step& last = record.steps.back();
  facts.reason = reason_named(last.reason);
  facts.detail = last.detail;
  facts.touched_at = last.at;
  return facts;
}

json why_json(const sandbox::Explanation& why, const sandbox::Facts& facts) {
  json touched = nullptr;
  if (!facts.touched_what.empty()) {
    touched = {{"at", time_or_null(facts.touched_at)}, {"what", facts.touched_what}};
  }
  return {{"text", why.text},
          {"lives_because", text_or_null(why.lives_because)},
          {"touched_last", std::move(touched)},
          {"goes_at", time_or_null(why.goes_at.value_or(0))},
          {"remover", text_or_null(why.remover)}};
}

}  // namespace

AsyncReply list_sandboxes(Services& services, const Request&) {
  json items = json::array();
  for (const auto& one : services.sandboxes.living()) items.push_back(sandbox_json(services, *one));
  co_return json_response(200, {{"items", std::move(items)}});
}

AsyncReply show_sandbox(Services& services, const Request& request) {
  const std::string id = request.parameters.front();
  const Result<SandboxRecord> record = co_await record_of_sandbox(services, id);
  if (record.has_error()) co_return problem_from(record.error());
  json item;
  if (const auto living = services.sandboxes.by_id(id)) {
    item = sandbox_json(services, *living);
  } else if (record->empty()) {
    co_return no_such_sandbox(id);
  } else {
    const std::string user_id = record->journal ? record->journal->user_id.value_or("") : std::string();
    const std::string user = co_await name_of(services, user_id);
    item = gone_json(id, *record, user);
  }
  item["history"] = history_json(*record);
  co_return json_response(200, item);
}

AsyncReply explain_sandbox(Services& services, const Request& request) {
  const std::string id = request.parameters.front();
  const auto now = unix_now();
  const auto& policy = services.sandboxes.options().idle;
  if (const auto living = services.sandboxes.by_id(id)) {
    const sandbox::Facts facts = facts_of(services, *living, now);
    co_return json_response(200, why_json(sandbox::explain(facts, policy, now), facts));
  }
  const Result<SandboxRecord> record = co_await record_of_sandbox(services, id);
  if (record.has_error()) co_return problem_from(record.error());
  if (record->empty()) co_return no_such_sandbox(id);
  sandbox::Facts facts = facts_of(*record);
  facts.left_to_end = services.sandboxes.left_to_end(id);
  co_return json_response(200, why_json(sandbox::explain(facts, policy, now), facts));
}

AsyncReply show_sandbox_logs(Services& services, const Request& request) {
  const auto living = services.sandboxes.by_id(request.parameters.front());
  if (!living) co_return no_such_sandbox(request.parameters.front());
  const std::string container = living->container_id();
  if (container.empty()) {
    co_return problem(409, "conflict", "The present state does not allow this",
                      "The sandbox has no container yet; ask again in a moment.");
  }
  const Result<std::string> logs = co_await services.engine.logs(container, kLogLines);
  if (logs.has_error()) co_return problem_from(logs.error());
  const std::size_t from = logs->size() - std::min(logs->size(), kLogBytes);
  Response response = make_response(200, "text/plain; charset=utf-8", printable(logs->substr(from)));
  response.headers.emplace_back("Cache-Control", "no-store");
  co_return response;
}

}  // namespace carrel::http
