#include <map>

#include "orchestrator/accounts/accounts.hpp"
#include "orchestrator/http/handlers.hpp"
#include "orchestrator/http/stream_path.hpp"
#include "orchestrator/jobs/jobs.hpp"
#include "orchestrator/jobs/pictures.hpp"
#include "orchestrator/library/library.hpp"
#include "orchestrator/observe/metrics.hpp"
#include "orchestrator/sandbox/engine.hpp"
#include "orchestrator/sandbox/sandboxes.hpp"
#include "orchestrator/store/write_check.hpp"

namespace carrel::http {

namespace asio = boost::asio;

namespace {

struct Check {
  std::string_view name;
  bool ok = false;
  std::string why;
};

asio::awaitable<Check> database_check(Services& services) {
  const Result<void> answer = co_await services.write_check.ask();
  co_return Check{"database", answer.has_value(), answer.has_error() ? answer.error().message : ""};
}

Check engine_check(const Services& services) {
  const auto health = services.engine.health();
  const bool ok = health.state == sandbox::EngineHealth::State::ready && services.sandboxes.adopted();
  std::string why = health.message;
  if (!ok && why.empty()) why = "the container engine has not answered yet";
  return {"engine", ok, std::move(why)};
}

/// Never a reason not to be ready: without warm sandboxes a login waits for its own.
std::string pool_words(const Services& services) {
  const auto pool = services.sandboxes.pool();
  if (pool.size == 0) return "off (pool.size)";
  return std::to_string(pool.ready) + " of " + std::to_string(pool.size) + " wait, " +
         std::to_string(pool.starting) + " are starting";
}

Response plain_text(unsigned status, std::string text) {
  Response response = make_response(status, "text/plain; charset=utf-8", std::move(text));
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

/// The gauges are counted when somebody asks, so that none can drift from what it stands for.
void take_stock(Services& services) {
  std::map<sandbox::State, std::size_t> by_state;
  for (const auto& one : services.sandboxes.living()) ++by_state[one->state()];
  for (const auto state : sandbox::kLivingStates)
    services.metrics.sandboxes(to_string(state), by_state[state]);
  const auto pool = services.sandboxes.pool();
  services.metrics.pool(pool.size, pool.ready, pool.starting);
  services.metrics.waiting(services.sandboxes.waiting());
  services.metrics.streams(services.sandboxes.pacer().lanes());
  services.metrics.breakers_open(services.sandboxes.breakers_open());
  services.metrics.sessions(services.accounts.sessions().size());
  for (const auto& [state, count] : services.library.count_by_state()) {
    services.metrics.videos(library::to_string(state), count);
  }
  for (const auto& [state, count] : services.jobs.count_by_state())
    services.metrics.jobs(store::to_string(state), count);
  services.metrics.variants(services.variants.bytes() + services.variants.begun_bytes(),
                            services.variants.all().size());
  services.metrics.pictures(services.pictures.bytes());
}

}  // namespace

AsyncReply livez(Services&, const Request&) {
  co_return plain_text(200, "ok\n");
}

AsyncReply readyz(Services& services, const Request& request) {
  const Check database = co_await database_check(services);
  const Check engine = engine_check(services);
  const bool ready = database.ok && engine.ok;
  const bool verbose = request.query == "verbose" || request.query.starts_with("verbose=");
  std::string text;
  for (const Check* check : {&database, &engine}) {
    if (check->ok && !verbose) continue;
    text += (check->ok ? "[+] " : "[-] ") + std::string(check->name) +
            (check->ok ? " ok" : ": " + check->why) + "\n";
  }
  if (verbose) text += "[+] pool " + pool_words(services) + "\n";
  text += ready ? "ready\n" : "not ready\n";
  co_return plain_text(ready ? 200 : 503, std::move(text));
}

AsyncReply metrics(Services& services, const Request&) {
  const Check database = co_await database_check(services);
  for (const Check& check : {database, engine_check(services)}) services.metrics.ready(check.name, check.ok);
  take_stock(services);
  Response response = make_response(200, "text/plain; version=0.0.4; charset=utf-8", services.metrics.text());
  response.headers.emplace_back("Cache-Control", "no-store");
  co_return response;
}

}  // namespace carrel::http
