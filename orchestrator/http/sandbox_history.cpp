#include "orchestrator/http/sandbox_history.hpp"

#include <algorithm>
#include <string_view>

#include "base/unix_time.hpp"
#include "orchestrator/http/sandbox_json.hpp"
#include "orchestrator/sandbox/lifecycle.hpp"
#include "orchestrator/store/audit.hpp"
#include "orchestrator/store/store.hpp"

namespace carrel::http {

namespace asio = boost::asio;
using nlohmann::json;

namespace {

constexpr std::int64_t kMostSteps = 1000;
constexpr char kWriter[] = "carreld";
constexpr std::string_view kAction = "sandbox_";

/// The journal writes "reason: detail", or "reason".
std::optional<Step> step_of(const store::Event& event) {
  if (event.actor != kWriter || !event.action.starts_with(kAction)) return std::nullopt;
  Step step;
  step.at = event.at;
  step.state = event.action.substr(kAction.size());
  if (!sandbox::parse_state(step.state)) return std::nullopt;
  const auto colon = event.detail.find(": ");
  step.reason = event.detail.substr(0, colon);
  if (step.reason == to_string(sandbox::Reason::none)) step.reason.clear();
  if (colon != std::string::npos) step.detail = event.detail.substr(colon + 2);
  return step;
}

Result<SandboxRecord> look_up(sqlite::Connection& db, const std::string& id) {
  store::EventQuery query;
  query.object = id;
  query.limit = kMostSteps;
  const auto events = store::find_events(db, query);
  if (events.has_error()) return events.error();
  auto row = store::find_sandbox(db, id);
  if (row.has_error()) return row.error();
  SandboxRecord record;
  record.journal = std::move(*row);
  for (const auto& event : *events) {
    if (auto step = step_of(event)) record.steps.push_back(std::move(*step));
  }
  std::ranges::reverse(record.steps);
  return record;
}

std::int64_t time_of(const SandboxRecord& record, std::string_view state) {
  const auto found = std::ranges::find(record.steps, state, &Step::state);
  return found == record.steps.end() ? 0 : found->at;
}

}  // namespace

asio::awaitable<Result<SandboxRecord>> record_of_sandbox(Services& services, std::string id) {
  auto work = [id](sqlite::Connection& db) { return look_up(db, id); };
  const Result<SandboxRecord> found = co_await services.store.read(work);
  co_return found;
}

json history_json(const SandboxRecord& record) {
  json history = json::array();
  for (const Step& step : record.steps) {
    history.push_back({{"at", rfc3339(step.at)},
                       {"state", step.state},
                       {"reason", text_or_null(step.reason)},
                       {"detail", text_or_null(step.detail)}});
  }
  return history;
}

json gone_json(const std::string& id, const SandboxRecord& record, const std::string& user) {
  const store::SandboxRow row = record.journal.value_or(store::SandboxRow{});
  const Step last = record.steps.empty() ? Step{} : record.steps.back();
  const std::int64_t first = record.steps.empty() ? 0 : record.steps.front().at;
  return {{"id", id},
          {"container", text_or_null(row.container_id)},
          {"session", text_or_null(row.session_id.value_or(""))},
          {"user", text_or_null(user)},
          {"role", text_or_null(row.role)},
          {"state", last.state.empty() ? row.state : last.state},
          {"reason", text_or_null(last.reason)},
          {"generation", row.generation},
          {"image", nullptr},
          {"created_at", time_or_null(row.created_at == 0 ? first : row.created_at)},
          {"ready_at", time_or_null(time_of(record, "ready"))},
          {"last_activity", nullptr},
          {"streams", 0},
          {"bytes_acknowledged", nullptr},
          {"memory_bytes", nullptr},
          {"memory_limit_bytes", nullptr},
          {"cpu_seconds", nullptr},
          {"cpus", nullptr},
          {"bandwidth", nullptr}};
}

}  // namespace carrel::http
