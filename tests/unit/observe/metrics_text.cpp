// Prints what /metrics says, for promtool.
#include <cstdio>

#include "orchestrator/observe/metrics.hpp"

int main() {
  carrel::observe::MetricLabels labels;
  labels.http_routes = {"login", "video"};
  labels.engine_calls = {"create", "start"};
  labels.engine_outcomes = {"ok", "failed"};
  carrel::observe::Metrics metrics("0.1.0", labels);
  metrics.http_request("login", 200, 0.01);
  metrics.engine_call("create", 0.2, "ok");
  carrel::observe::SandboxFigures figures{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
  metrics.sandbox_uses(0, figures);
  metrics.certificate_expires(1'800'000'000);
  std::fputs(metrics.text().c_str(), stdout);
}
