#include <chrono>
#include <map>

#include "orchestrator/accounts/accounts.hpp"
#include "orchestrator/http/handlers.hpp"
#include "orchestrator/http/json_body.hpp"
#include "orchestrator/http/sandbox_json.hpp"
#include "orchestrator/sandbox/engine.hpp"
#include "orchestrator/sandbox/sandboxes.hpp"
#include "orchestrator/strain/shedder.hpp"

namespace carrel::http {

using nlohmann::json;

namespace {

std::string_view name_of(sandbox::EngineHealth::State state) {
  using State = sandbox::EngineHealth::State;
  switch (state) {
    case State::unknown: return "unknown";
    case State::ready: return "ready";
    case State::missing: return "missing";
    case State::refused: return "refused";
    case State::hanging: return "hanging";
    case State::failing: return "failing";
  }
  return "unknown";
}

boost::asio::awaitable<json> engine_json(Services& services) {
  const auto health = services.engine.health();
  json engine = {{"state", name_of(health.state)},
                 {"product", nullptr},
                 {"version", nullptr},
                 {"message", text_or_null(health.message)}};
  // One that is away would keep whoever asks waiting for its whole deadline.
  if (health.state != sandbox::EngineHealth::State::ready) co_return engine;
  const Result<sandbox::EngineInfo> info = co_await services.engine.info();
  if (info.has_value()) {
    engine["product"] = info->product;
    engine["version"] = info->version;
  }
  co_return engine;
}

json by_state(const Services& services) {
  std::map<sandbox::State, std::size_t> counted;
  for (const auto& one : services.sandboxes.living()) ++counted[one->state()];
  json counts = json::object();
  for (const auto state : sandbox::kLivingStates) counts[std::string(to_string(state))] = counted[state];
  return counts;
}

}  // namespace

AsyncReply show_status(Services& services, const Request&) {
  const json engine = co_await engine_json(services);
  const auto pool = services.sandboxes.pool();
  const auto up = std::chrono::steady_clock::now() - services.started;
  json status;
  status["version"] = CARREL_VERSION;
  status["uptime_seconds"] = std::chrono::duration_cast<std::chrono::seconds>(up).count();
  status["instance"] = services.sandboxes.options().instance;
  status["engine"] = engine;
  status["sandboxes"] = {{"by_state", by_state(services)},
                         {"max_total", services.sandboxes.options().max_total}};
  status["pool"] = {{"size", pool.size}, {"ready", pool.ready}, {"starting", pool.starting}};
  status["sessions"] = services.accounts.sessions().size();
  status["streams"] = services.sandboxes.pacer().lanes();
  status["queue"] = services.sandboxes.waiting();
  status["shedding"] = {{"level", static_cast<int>(services.shedding.level)},
                        {"reason", text_or_null(services.shedding.why)}};
  status["bytes_acknowledged"] = services.sandboxes.bytes_acknowledged();
  co_return json_response(200, status);
}

}  // namespace carrel::http
