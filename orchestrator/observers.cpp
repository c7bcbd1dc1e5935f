#include "orchestrator/observers.hpp"

#include <set>
#include <string>

#include "orchestrator/http/route.hpp"
#include "orchestrator/observe/log.hpp"
#include "orchestrator/sandbox/docker/calls.hpp"

namespace carrel {

observe::MetricLabels metric_labels() {
  observe::MetricLabels labels;
  std::set<std::string> names{"none"};
  for (const auto& route : http::routes()) names.emplace(route.label);
  labels.http_routes.assign(names.begin(), names.end());
  labels.engine_calls.assign(sandbox::kEngineCalls.begin(), sandbox::kEngineCalls.end());
  labels.engine_outcomes.assign(sandbox::kEngineOutcomes.begin(), sandbox::kEngineOutcomes.end());
  return labels;
}

sandbox::Observer sandbox_observer(observe::Metrics& metrics) {
  sandbox::Observer observer;
  observer.on_state = [&metrics](const sandbox::Identity& identity, sandbox::State state,
                                 sandbox::Reason reason, const std::string& detail) {
    log::info("sandbox.state", {{"sandbox", identity.sandbox},
                                {"session", identity.session},
                                {"role", to_string(identity.role)},
                                {"state", to_string(state)},
                                {"reason", to_string(reason)},
                                {"detail", detail}});
    if (state == sandbox::State::failed) metrics.sandbox_failed(to_string(reason));
  };
  observer.on_ready = [&metrics](double seconds) { metrics.sandbox_started(seconds); };
  return observer;
}

library::LibraryObserver library_observer(observe::Metrics& metrics) {
  library::LibraryObserver observer;
  observer.on_indexed = [&metrics](const library::Video& video, double seconds) {
    metrics.video_indexed(seconds);
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
    case accounts::EndReason::disabled: return sandbox::Reason::admin;
  }
  return sandbox::Reason::admin;
}

}  // namespace carrel
