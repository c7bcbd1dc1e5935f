#include <doctest/doctest.h>

#include <string>

#include "orchestrator/observe/log.hpp"
#include "orchestrator/observe/metrics.hpp"

namespace carrel::observe {
namespace {

MetricLabels some_labels() {
  MetricLabels labels;
  labels.http_routes = {"login"};
  labels.engine_calls = {"create"};
  labels.engine_outcomes = {"ok"};
  return labels;
}

bool has(const Metrics& metrics, const std::string& line) {
  return ("\n" + metrics.text()).find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

TEST_CASE("every series exists from the start") {
  const Metrics metrics("0.1.0", some_labels());
  for (const char* line : {R"(carrel_http_requests_total{route="login",status="5xx"} 0)",
                           R"(carrel_http_requests_total{route="other",status="other"} 0)",
                           R"(carrel_http_request_duration_seconds_count{route="login"} 0)",
                           R"(carrel_answers_total{outcome="complete"} 0)",
                           "carrel_answer_bytes_total 0",
                           "carrel_hand_over_duration_seconds_count 0",
                           "carrel_first_byte_duration_seconds_count 0",
                           R"(carrel_sandboxes{state="assigned"} 0)",
                           "carrel_sandbox_start_duration_seconds_count 0",
                           R"(carrel_sandbox_failures_total{reason="oom"} 0)",
                           R"(carrel_engine_calls_total{call="create",outcome="ok"} 0)",
                           R"(carrel_engine_call_duration_seconds_count{call="create"} 0)",
                           "carrel_sessions 0",
                           R"(carrel_logins_total{outcome="refused"} 0)",
                           R"(carrel_videos{state="indexing"} 0)",
                           "carrel_sandbox_oom_kills_total 0",
                           R"(carrel_sandboxes_measured{by="kernel"} 0)",
                           "carrel_sandbox_measure_duration_seconds_count 0",
                           "carrel_index_duration_seconds_count 0",
                           "carrel_loop_delay_seconds_count 0",
                           "carrel_shedding 0",
                           R"(carrel_ready{part="database"} 0)",
                           "carrel_data_free_bytes 0",
                           "carrel_answer_replacements_total 0",
                           R"(carrel_store_duration_seconds_count{access="write"} 0)",
                           R"(carrel_build_info{version="0.1.0"} 1)"}) {
    CAPTURE(std::string(line));
    CHECK(has(metrics, line));
  }
}

TEST_CASE("when the certificate ends is told of one that is there, and of the last one") {
  Metrics metrics("0.1.0", some_labels());
  CHECK(metrics.text().find("carrel_certificate") == std::string::npos);
  metrics.certificate_expires(1'700'000'001);
  metrics.certificate_expires(1'800'000'001);
  CHECK(has(metrics, "carrel_certificate_expiry_timestamp_seconds 1800000001"));
}

TEST_CASE("what happens is counted where it belongs, the unforeseen under other") {
  Metrics metrics("0.1.0", some_labels());
  metrics.http_request("login", 204, 0.02);
  metrics.http_request("nonsense", 999, 0.02);
  metrics.answer("complete", 1'000'000, {0.0002, 0.0008});
  metrics.answer("complete", 24, {0.0002, {}});
  metrics.http_request("other", 200, std::nullopt);
  metrics.sandboxes("ready", 3);
  metrics.sandboxes("ready", 2);
  metrics.sandbox_failed("who knows");
  metrics.engine_call("create", 0.2, "ok");
  metrics.sessions(7);
  metrics.login("ok");
  metrics.videos("ready", 12);
  for (const char* line :
       {R"(carrel_http_requests_total{route="login",status="2xx"} 1)",
        R"(carrel_http_requests_total{route="other",status="other"} 1)",
        R"(carrel_http_request_duration_seconds_bucket{route="login",le="0.025"} 1)",
        R"(carrel_http_requests_total{route="other",status="2xx"} 1)",
        R"(carrel_http_request_duration_seconds_count{route="other"} 1)",
        R"(carrel_answers_total{outcome="complete"} 2)", "carrel_answer_bytes_total 1000024",
        R"(carrel_first_byte_duration_seconds_bucket{le="0.0005"} 0)",
        R"(carrel_first_byte_duration_seconds_bucket{le="0.001"} 1)",
        R"(carrel_hand_over_duration_seconds_bucket{le="0.00025"} 2)", R"(carrel_sandboxes{state="ready"} 2)",
        R"(carrel_sandbox_failures_total{reason="other"} 1)",
        R"(carrel_engine_calls_total{call="create",outcome="ok"} 1)", "carrel_sessions 7",
        R"(carrel_logins_total{outcome="ok"} 1)", R"(carrel_videos{state="ready"} 12)"}) {
    CAPTURE(std::string(line));
    CHECK(has(metrics, line));
  }
}

TEST_CASE("a sandbox's series live as long as it does, those without a figure not at all") {
  Metrics metrics("0.1.0", some_labels());
  CHECK(metrics.text().find("slot=") == std::string::npos);
  SandboxFigures figures;
  figures.memory_bytes = 1e6;
  figures.cpu_seconds = 2.5;
  figures.cpu_pressure = 0.25;
  metrics.sandbox_uses(0, figures);
  metrics.sandbox_uses(3, figures);
  figures.memory_bytes = 5e5;
  figures.cpu_seconds = 4;
  metrics.sandbox_uses(0, figures);
  CHECK(has(metrics, R"(carrel_sandbox_memory_bytes{slot="0"} 500000)"));
  CHECK(has(metrics, R"(carrel_sandbox_cpu_seconds_total{slot="0"} 4)"));
  CHECK(has(metrics, R"(carrel_sandbox_pressure_ratio{resource="cpu",slot="0"} 0.25)"));
  CHECK(has(metrics, R"(carrel_sandbox_memory_bytes{slot="3"} 1000000)"));
  CHECK(metrics.text().find("carrel_sandbox_pids{") == std::string::npos);

  figures.cpu_pressure.reset();
  metrics.sandbox_uses(0, figures);
  CHECK(metrics.text().find(R"(resource="cpu",slot="0")") == std::string::npos);
  metrics.sandbox_gone(0);
  metrics.sandbox_gone(0);
  CHECK(metrics.text().find(R"(slot="0")") == std::string::npos);
  CHECK(has(metrics, R"(carrel_sandbox_cpu_seconds_total{slot="3"} 2.5)"));

  // Another sandbox begins at its own figures.
  figures.cpu_seconds = 0.5;
  metrics.sandbox_uses(0, figures);
  CHECK(has(metrics, R"(carrel_sandbox_cpu_seconds_total{slot="0"} 0.5)"));
}

TEST_CASE("lines that the log dropped are counted") {
  const Metrics metrics("0.1.0", some_labels());
  CHECK(has(metrics, "carrel_log_lines_dropped_total " + std::to_string(log::dropped())));
}

}  // namespace carrel::observe
