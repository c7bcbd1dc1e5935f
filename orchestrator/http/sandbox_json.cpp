#include "orchestrator/http/sandbox_json.hpp"

#include <chrono>
#include <optional>

#include "orchestrator/accounts/accounts.hpp"
#include "orchestrator/sandbox/sampler.hpp"
#include "orchestrator/sandbox/sandboxes.hpp"

namespace carrel::http {

using nlohmann::json;

namespace {

template <class T>
json number_or_null(const std::optional<T>& number) {
  return number ? json(*number) : json(nullptr);
}

json reason_of(const sandbox::Sandbox& sandbox) {
  const auto& ending = sandbox.ending().value();
  if (!ending || ending->reason == sandbox::Reason::none) return nullptr;
  return to_string(ending->reason);
}

}  // namespace

std::string user_of(const Services& services, const sandbox::Sandbox& sandbox) {
  const auto& identity = sandbox.identity();
  if (identity.user.empty()) return {};
  const auto session = services.accounts.by_id(identity.session);
  return session.has_value() ? session->user_name : identity.user;
}

json sandbox_json(const Services& services, const sandbox::Sandbox& sandbox) {
  const auto& identity = sandbox.identity();
  const cgroup::Usage usage = services.sampler.last(identity.sandbox).value_or(cgroup::Usage{});
  std::optional<double> cpu_seconds;
  if (usage.cpu_time) cpu_seconds = std::chrono::duration<double>(*usage.cpu_time).count();
  const auto& limits = sandbox.limits();
  return {{"id", identity.sandbox},
          {"container", text_or_null(sandbox.container_id())},
          {"session", text_or_null(identity.session)},
          {"user", text_or_null(user_of(services, sandbox))},
          {"role", to_string(identity.role)},
          {"state", to_string(sandbox.state())},
          {"reason", reason_of(sandbox)},
          {"generation", identity.generation},
          {"image", text_or_null(sandbox.image())},
          {"created_at", time_or_null(sandbox.created_at())},
          {"ready_at", time_or_null(sandbox.ready_at())},
          {"last_activity", time_or_null(sandbox.last_touch().at)},
          {"streams", sandbox.answers()},
          {"bytes_acknowledged", sandbox.bytes_acknowledged()},
          {"memory_bytes", number_or_null(usage.memory_bytes)},
          {"memory_limit_bytes", limits.memory_bytes},
          {"cpu_seconds", number_or_null(cpu_seconds)},
          {"cpus", limits.cpus},
          {"bandwidth", limits.bandwidth}};
}

}  // namespace carrel::http
