// What an administrator does to one sandbox; each with its line in the audit trail.
#include <chrono>

#include "orchestrator/accounts/audit_log.hpp"
#include "orchestrator/http/handlers.hpp"
#include "orchestrator/http/json_body.hpp"
#include "orchestrator/http/limits_json.hpp"
#include "orchestrator/http/problem.hpp"
#include "orchestrator/http/sandbox_json.hpp"
#include "orchestrator/sandbox/sandboxes.hpp"

namespace carrel::http {

using nlohmann::json;

namespace {

/// So long a film may go on that its viewer has begun to fetch.
constexpr std::chrono::seconds kStopPatience{60};
constexpr double kThousand = 1000;

Response outcome(Services& services, const Request& request, const std::shared_ptr<sandbox::Sandbox>& sandbox,
                 const Result<void>& done, const char* action, std::string detail) {
  if (done.has_error()) return problem_from(done.error());
  services.audit.record(request.actor, action, request.parameters.front(), std::move(detail));
  return json_response(200, sandbox ? sandbox_json(services, *sandbox) : json::object());
}

Result<accounts::LimitOverrides> limits_of(const Request& request) {
  const auto body = json_object(request);
  if (body.has_error()) return body.error();
  for (const auto& [name, value] : body->items()) {
    if (name != "memory" && name != "cpus" && name != "bandwidth") {
      return make_error(ErrorKind::invalid, "a sandbox has no limit \"" + name +
                                                "\" that can be changed; it has memory, cpus and bandwidth");
    }
    if (value.is_null()) {
      return make_error(ErrorKind::invalid, "the limit \"" + name + "\" of a sandbox must be a number");
    }
  }
  if (body->empty()) {
    return make_error(ErrorKind::invalid, "name at least one of memory, cpus and bandwidth");
  }
  const auto changes = limit_changes(*body);
  if (changes.has_error()) return changes.error();
  const auto overrides = accounts::changed({}, *changes);
  const auto sound = accounts::check(overrides);
  if (sound.has_error()) return sound.error();
  return overrides;
}

sandbox::SessionLimits with(sandbox::SessionLimits limits, const accounts::LimitOverrides& overrides) {
  limits.memory_bytes = overrides.memory.value_or(limits.memory_bytes);
  if (overrides.millicpus) limits.cpus = *overrides.millicpus / kThousand;
  limits.bandwidth = overrides.bandwidth.value_or(limits.bandwidth);
  return limits;
}

}  // namespace

AsyncReply stop_sandbox(Services& services, const Request& request) {
  const std::string id = request.parameters.front();
  const auto sandbox = services.sandboxes.by_id(id);
  const Result<void> done = services.sandboxes.stop(id, kStopPatience);
  co_return outcome(services, request, sandbox, done, "sandbox_stop", {});
}

AsyncReply kill_sandbox(Services& services, const Request& request) {
  const std::string id = request.parameters.front();
  const auto sandbox = services.sandboxes.by_id(id);
  const Result<void> done = services.sandboxes.kill(id);
  co_return outcome(services, request, sandbox, done, "sandbox_kill", {});
}

AsyncReply pause_sandbox(Services& services, const Request& request) {
  const std::string id = request.parameters.front();
  const auto sandbox = services.sandboxes.by_id(id);
  const Result<void> done = co_await services.sandboxes.pause(id);
  co_return outcome(services, request, sandbox, done, "sandbox_pause", {});
}

AsyncReply resume_sandbox(Services& services, const Request& request) {
  const std::string id = request.parameters.front();
  const auto sandbox = services.sandboxes.by_id(id);
  const Result<void> done = co_await services.sandboxes.resume(id);
  co_return outcome(services, request, sandbox, done, "sandbox_resume", {});
}

AsyncReply limit_sandbox(Services& services, const Request& request) {
  const std::string id = request.parameters.front();
  const auto overrides = limits_of(request);
  if (overrides.has_error()) co_return problem_from(overrides.error());
  const auto sandbox = services.sandboxes.by_id(id);
  const sandbox::SessionLimits before = sandbox ? sandbox->limits() : sandbox::SessionLimits{};
  const sandbox::SessionLimits limits = with(before, *overrides);
  const Result<void> done = co_await services.sandboxes.limit(id, limits);
  co_return outcome(services, request, sandbox, done, "sandbox_limits", overrides_json(*overrides).dump());
}

}  // namespace carrel::http
