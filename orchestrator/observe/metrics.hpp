#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace carrel::observe {

/// Every value that a label can have. All series exist from the start, so that a rate can be taken of the
/// first event too; a value that is not listed counts as "other". None may come from a user, a session or a
/// film.
struct MetricLabels {
  std::vector<std::string> http_routes;
  std::vector<std::string> answer_outcomes{"complete",  "client_gone", "film_error",
                                           "bad_index", "internal",    "refused"};
  std::vector<std::string> sandbox_states{"planned",  "creating", "starting", "ready",
                                          "assigned", "paused",   "stopping", "failed"};
  std::vector<std::string> failure_reasons{"oom",          "exit",          "signal",
                                           "unresponsive", "create_failed", "engine_lost"};
  std::vector<std::string> end_reasons{"idle", "logout", "expired", "admin", "shutdown", "outdated", "done"};
  std::vector<std::string> engine_calls;
  std::vector<std::string> engine_outcomes;
  std::vector<std::string> measured_by{"kernel", "engine", "nothing"};
  std::vector<std::string> login_outcomes{"ok", "refused", "slowed"};
  std::vector<std::string> video_states{"waiting", "indexing", "ready", "failed"};
  std::vector<std::string> job_states{"waiting", "running", "done", "failed", "cancelled"};
  std::vector<std::string> picture_results{"made", "failed", "busy"};
};

/// What one sandbox uses; see cgroup::Usage. Times in seconds, sizes in bytes, pressure as a share from 0 to
/// 1. What is empty has no series.
struct SandboxFigures {
  std::optional<double> memory_bytes;
  std::optional<double> memory_cache_bytes;
  std::optional<double> memory_peak_bytes;
  std::optional<double> memory_limit_bytes;
  std::optional<double> pids;
  std::optional<double> memory_pressure;
  std::optional<double> cpu_pressure;
  std::optional<double> io_pressure;
  std::optional<double> cpu_seconds;
  std::optional<double> cpu_throttled_seconds;
  std::optional<double> read_bytes;
  std::optional<double> written_bytes;
};

/// From asking for a sandbox; empty when it did not come to that.
struct AnswerTimes {
  std::optional<double> hand_over_seconds;   ///< to the first hand-over
  std::optional<double> first_byte_seconds;  ///< to the first byte in the client's connection
};

/// What /metrics tells. Durations are in seconds, sizes in bytes. Any thread.
class Metrics {
 public:
  Metrics(std::string_view version, const MetricLabels& labels);
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  /// No time: the answer had no end of its own.
  void http_request(std::string_view route, int status, std::optional<double> seconds);
  /// An answer that a sandbox was asked for.
  void answer(std::string_view outcome, std::uint64_t bytes, const AnswerTimes& times);
  void sandboxes(std::string_view state, std::size_t count);
  void sandbox_started(double seconds);
  /// "creating" or "starting", and how it ended: "ok" or "failed".
  void sandbox_phase(std::string_view phase, std::string_view result, double seconds);
  /// From the question to a warm sandbox.
  void sandbox_claimed(double seconds);
  void sandbox_failed(std::string_view reason);
  /// It was ended by somebody, or by the idle ladder.
  void sandbox_ended(std::string_view reason);
  void acknowledged(std::uint64_t bytes);
  void pool(std::size_t wanted, std::size_t ready, std::size_t starting);
  void waiting(std::size_t sessions);
  void streams(std::size_t count);
  void breakers_open(std::size_t count);
  /// `slot`: a small number, given to one sandbox while it lives; its series live as long.
  void sandbox_uses(std::size_t slot, const SandboxFigures& figures);
  void sandbox_gone(std::size_t slot);
  void sandbox_oom_kills(std::uint64_t more);
  /// A look at all sandboxes: how long reading the kernel's files took, and how many were measured `by` what.
  void sandboxes_measured(double seconds);
  void sandboxes_measured(std::string_view by, std::size_t count);
  /// Sandboxes that died while they gave an answer, which others then finished.
  void replaced_in_answer(unsigned sandboxes);
  /// From asking the database to its answer; `access`: "read" or "write".
  void store_work(std::string_view access, double seconds);
  /// For sandbox::DockerOptions::on_call.
  void engine_call(std::string_view call, double seconds, std::string_view outcome);
  void sessions(std::size_t count);
  void login(std::string_view outcome);
  void videos(std::string_view state, std::size_t count);
  void video_indexed(double seconds);
  void jobs(std::string_view state, std::size_t count);
  /// From its last start to its end.
  void job_ended(std::string_view state, double seconds);
  void variants(std::uint64_t bytes, std::size_t count);
  void pictures(std::uint64_t bytes);
  void picture_made(std::string_view result, double seconds);
  /// 0: it takes on everything, 1: fewer conversions, 2: no new sandbox.
  void shedding(int level);
  /// Of the parts of /readyz.
  void ready(std::string_view part, bool is);
  /// Bytes that the daemon's user may still write below data.dir.
  void data_free(std::uint64_t bytes);
  /// Unix time at which the certificate that the daemon uses ends. Before it is told there is no such series.
  void certificate_expires(std::int64_t at);
  /// How late a timer of the I/O thread ran.
  void loop_delay(double seconds);

  /// The text format of Prometheus 0.0.4: "text/plain; version=0.0.4; charset=utf-8".
  [[nodiscard]] std::string text() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace carrel::observe
