#include "orchestrator/observers.hpp"

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/unix_time.hpp"
#include "orchestrator/http/route.hpp"
#include "orchestrator/observe/log.hpp"
#include "orchestrator/sandbox/docker/calls.hpp"

namespace carrel {
namespace {

std::optional<double> number(const std::optional<std::uint64_t>& count) {
  return count ? std::optional(static_cast<double>(*count)) : std::nullopt;
}

std::optional<double> seconds(const std::optional<std::chrono::nanoseconds>& time) {
  return time ? std::optional(std::chrono::duration<double>(*time).count()) : std::nullopt;
}

std::optional<double> share(const std::optional<cgroup::Pressure>& pressure) {
  return pressure ? std::optional(pressure->some) : std::nullopt;
}

observe::SandboxFigures figures_of(const cgroup::Usage& usage) {
  observe::SandboxFigures figures;
  figures.memory_bytes = number(usage.memory_bytes);
  figures.memory_cache_bytes = number(usage.memory_cache_bytes);
  figures.memory_peak_bytes = number(usage.memory_peak_bytes);
  figures.memory_limit_bytes = number(usage.memory_limit_bytes);
  figures.pids = number(usage.pids);
  figures.memory_pressure = share(usage.memory_pressure);
  figures.cpu_pressure = share(usage.cpu_pressure);
  figures.io_pressure = share(usage.io_pressure);
  figures.cpu_seconds = seconds(usage.cpu_time);
  figures.cpu_throttled_seconds = seconds(usage.cpu_throttled_time);
  figures.read_bytes = number(usage.read_bytes);
  figures.written_bytes = number(usage.written_bytes);
  return figures;
}

}  // namespace

observe::MetricLabels metric_labels() {
  observe::MetricLabels labels;
  std::set<std::string> names{"none"};
  for (const auto& route : http::routes()) names.emplace(route.label);
  labels.http_routes.assign(names.begin(), names.end());
  labels.engine_calls.assign(sandbox::kEngineCalls.begin(), sandbox::kEngineCalls.end());
  labels.engine_outcomes.assign(sandbox::kEngineOutcomes.begin(), sandbox::kEngineOutcomes.end());
  return labels;
}

namespace {

using Json = nlohmann::json;

std::string one_line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void note_transition(observe::Metrics& metrics, observe::EventFeed& feed, const sandbox::Transition& step) {
  const auto& identity = step.sandbox.identity();
  // Errors are grouped by what they say; see log::ErrorBook.
  const auto tell = step.to == sandbox::State::failed ? log::warn : log::info;
  tell("sandbox.state", {{"sandbox", identity.sandbox},
                         {"session", identity.session},
                         {"role", to_string(identity.role)},
                         {"from", to_string(step.from)},
                         {"state", to_string(step.to)},
                         {"reason", to_string(step.reason)},
                         {"detail", step.detail}});
  if (step.from == sandbox::State::creating || step.from == sandbox::State::starting) {
    const bool ok = step.to == sandbox::State::starting || step.to == sandbox::State::ready;
    metrics.sandbox_phase(to_string(step.from), ok ? "ok" : "failed", step.seconds);
  }
  if (step.to == sandbox::State::failed) metrics.sandbox_failed(to_string(step.reason));
  if (step.to == sandbox::State::stopping) metrics.sandbox_ended(to_string(step.reason));
  const Json data = {{"at", unix_now()},
                     {"sandbox", identity.sandbox},
                     {"session", identity.session},
                     {"role", to_string(identity.role)},
                     {"from", to_string(step.from)},
                     {"state", to_string(step.to)},
                     {"reason", to_string(step.reason)},
                     {"detail", step.detail}};
  feed.publish("sandbox.state", identity.session, one_line(data));
}

}  // namespace

sandbox::Observer sandbox_observer(observe::Metrics& metrics, observe::EventFeed& feed,
                                   accounts::Accounts& accounts,
                                   std::function<void(const std::string& sandbox)> on_oom) {
  sandbox::Observer observer;
  observer.on_state = [&metrics, &feed, on_oom = std::move(on_oom)](const sandbox::Transition& step) {
    note_transition(metrics, feed, step);
    const bool oom = step.to == sandbox::State::failed && step.reason == sandbox::Reason::oom;
    if (oom) on_oom(step.sandbox.identity().sandbox);
  };
  observer.on_left_over = [](const sandbox::Identity& identity, const std::string& why) {
    log::info("sandbox.left_over", {{"sandbox", identity.sandbox},
                                    {"session", identity.session},
                                    {"role", to_string(identity.role)},
                                    {"reason", why}});
  };
  observer.on_ready = [&metrics](double seconds) { metrics.sandbox_started(seconds); };
  observer.on_claimed = [&metrics](double seconds) { metrics.sandbox_claimed(seconds); };
  observer.on_acknowledged = [&metrics](std::uint64_t bytes) { metrics.acknowledged(bytes); };
  observer.on_earlier_progress = [&accounts](const std::string& session) { accounts.touch(session); };
  observer.on_warning = [&feed](const sandbox::Sandbox& sandbox, std::chrono::seconds left) {
    const auto& identity = sandbox.identity();
    log::info("sandbox.warning",
              {{"sandbox", identity.sandbox}, {"session", identity.session}, {"seconds", left.count()}});
    const Json data = {
        {"at", unix_now()},
        {"sandbox", identity.sandbox},
        {"session", identity.session},
        {"reason", to_string(sandbox.stop_asked ? sandbox::Reason::admin : sandbox::Reason::idle)},
        {"seconds", left.count()}};
    feed.publish("sandbox.warning", identity.session, one_line(data));
  };
  observer.on_waiting = [&feed](const sandbox::Claim& claim, std::size_t position) {
    const Json data = {{"at", unix_now()}, {"session", claim.session}, {"position", position}};
    feed.publish("sandbox.waiting", claim.session, one_line(data));
  };
  return observer;
}

sandbox::SamplerObserver sampler_observer(observe::Metrics& metrics) {
  sandbox::SamplerObserver observer;
  observer.on_sample = [&metrics](std::size_t slot, const cgroup::Usage& usage) {
    metrics.sandbox_uses(slot, figures_of(usage));
  };
  observer.on_gone = [&metrics](std::size_t slot) { metrics.sandbox_gone(slot); };
  observer.on_oom_kills = [&metrics](std::uint64_t more) { metrics.sandbox_oom_kills(more); };
  observer.on_round = [&metrics](const sandbox::Round& round) {
    if (round.from_kernel > 0) metrics.sandboxes_measured(round.seconds);
    metrics.sandboxes_measured("kernel", round.from_kernel);
    metrics.sandboxes_measured("engine", round.from_engine);
    metrics.sandboxes_measured("nothing", round.not_measured);
  };
  observer.on_error = [](const Error& error) {
    log::warn("cgroup.unavailable", {{"reason", error.message}});
  };
  observer.on_burst_error = [](const Error& error) {
    log::warn("cgroup.no_cpu_burst", {{"setting", "sandbox.cpu_burst"}, {"reason", error.message}});
  };
  return observer;
}

library::LibraryObserver library_observer(observe::Metrics& metrics, std::function<void()> on_indexed) {
  library::LibraryObserver observer;
  observer.on_indexed = [&metrics, on_indexed = std::move(on_indexed)](const library::Video& video,
                                                                       double seconds) {
    metrics.video_indexed(seconds);
    on_indexed();
    log::info("video.indexed", {{"video", video.row.id},
                                {"state", library::to_string(video.row.state)},
                                {"playable", video.playable()},
                                {"reason", video.row.reason},
                                {"seconds", seconds}});
  };
  observer.on_error = [](const Error& error) { log::warn("library.failed", {{"reason", error.message}}); };
  observer.on_scan = [last = std::string()](const library::Scan& scan) mutable {
    std::string unreadable;
    for (const auto& folder : scan.unreadable) unreadable += folder + "\n";
    // Said once, not at every turn.
    if (unreadable != last && !unreadable.empty()) log::warn("library.unreadable", {{"folders", unreadable}});
    last = unreadable;
  };
  return observer;
}

sandbox::Reason sandbox_reason(accounts::EndReason reason) {
  switch (reason) {
    case accounts::EndReason::logout: return sandbox::Reason::logout;
    case accounts::EndReason::idle: return sandbox::Reason::idle;
    case accounts::EndReason::expired: return sandbox::Reason::expired;
    case accounts::EndReason::replaced: return sandbox::Reason::logout;
    case accounts::EndReason::disabled:
    case accounts::EndReason::revoked: return sandbox::Reason::admin;
  }
  return sandbox::Reason::admin;
}

}  // namespace carrel
