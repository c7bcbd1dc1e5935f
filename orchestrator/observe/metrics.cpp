#include "orchestrator/observe/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <mutex>

#include "orchestrator/observe/labelled.hpp"
#include "orchestrator/observe/log.hpp"
#include "orchestrator/observe/sandbox_series.hpp"

namespace carrel::observe {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;
using prometheus::Registry;
using Buckets = Histogram::BucketBoundaries;

const Buckets kRequestBuckets{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60, 600};
const Buckets kHandOverBuckets{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1, 5};
const Buckets kStartBuckets{0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1, 2, 5, 10, 20};
const Buckets kClaimBuckets{0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25};
const Buckets kEngineBuckets{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};
const Buckets kIndexBuckets{0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900};
const Buckets kJobBuckets{1, 10, 60, 300, 900, 1800, 3600, 7200, 14400, 28800, 86400};
const Buckets kPictureBuckets{0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};
const Buckets kMeasureBuckets{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5};
const Buckets kStoreBuckets{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5};
const Buckets kDelayBuckets{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5};

const std::vector<std::string> kStatusClasses{"1xx", "2xx", "3xx", "4xx", "5xx"};

std::string_view class_of(int status) {
  const int hundreds = status / 100;
  if (hundreds < 1 || hundreds > 5) return "other";
  return kStatusClasses[static_cast<std::size_t>(hundreds - 1)];
}

Family<Counter>& counters(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

Family<Gauge>& gauges(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

Family<Histogram>& histograms(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
}

}  // namespace

struct Metrics::Impl {
  Impl(std::string_view version, const MetricLabels& labels)
      : requests(counters(registry, "carrel_http_requests_total", "HTTP requests answered."), "route",
                 labels.http_routes, "status", kStatusClasses),
        request_seconds(histograms(registry, "carrel_http_request_duration_seconds",
                                   "Time from a request's head to the end of its answer."),
                        "route", labels.http_routes, {}, kRequestBuckets),
        answers(counters(registry, "carrel_answers_total", "Answers handed over to a sandbox."), "outcome",
                labels.answer_outcomes, {}),
        answer_bytes(counters(registry, "carrel_answer_bytes_total",
                              "Bytes of answers that reached the clients' sockets.")
                         .Add({})),
        replacements(counters(registry, "carrel_answer_replacements_total",
                              "Sandboxes that died in the middle of an answer and were replaced.")
                         .Add({})),
        store_seconds(histograms(registry, "carrel_store_duration_seconds",
                                 "Time from asking the database to its answer, waiting included."),
                      "access", {"read", "write"}, {}, kStoreBuckets),
        hand_over_seconds(histograms(registry, "carrel_hand_over_duration_seconds",
                                     "Time from claiming a sandbox to handing the request over.")
                              .Add({}, kHandOverBuckets)),
        first_byte_seconds(histograms(registry, "carrel_first_byte_duration_seconds",
                                      "Time from asking for a sandbox to the answer's first byte in the "
                                      "client's connection.")
                               .Add({}, kHandOverBuckets)),
        sandboxes(gauges(registry, "carrel_sandboxes", "Sandboxes by state."), "state", labels.sandbox_states,
                  {}),
        start_seconds(histograms(registry, "carrel_sandbox_start_duration_seconds",
                                 "Time from a sandbox's creation to its readiness.")
                          .Add({}, kStartBuckets)),
        failures(counters(registry, "carrel_sandbox_failures_total", "Sandboxes that failed, by reason."),
                 "reason", labels.failure_reasons, {}),
        sandbox_series(registry),
        oom_kills(counters(registry, "carrel_sandbox_oom_kills_total",
                           "Processes in sandboxes that the kernel killed for want of memory.")
                      .Add({})),
        measured(gauges(registry, "carrel_sandboxes_measured",
                        "Running sandboxes by what measured their memory and CPU last."),
                 "by", labels.measured_by, {}),
        measure_seconds(histograms(registry, "carrel_sandbox_measure_duration_seconds",
                                   "Time that reading the cgroups of all sandboxes took, once each.")
                            .Add({}, kMeasureBuckets)),
        phase_seconds(histograms(registry, "carrel_sandbox_phase_duration_seconds",
                                 "Time that a phase of a sandbox's start took, by its result."),
                      "phase", {"creating", "starting"}, "result", {"ok", "failed"}, kStartBuckets),
        claim_seconds(histograms(registry, "carrel_sandbox_claim_duration_seconds",
                                 "Time from a session's question to a warm sandbox of its own.")
                          .Add({}, kClaimBuckets)),
        ends(counters(registry, "carrel_sandbox_ends_total", "Sandboxes that were ended, by reason."),
             "reason", labels.end_reasons, {}),
        acknowledged_bytes(counters(registry, "carrel_acknowledged_bytes_total",
                                    "Bytes of answers that the clients acknowledged (TCP_INFO).")
                               .Add({})),
        pool(gauges(registry, "carrel_pool_sandboxes", "Warm sandboxes: wanted, ready and starting."),
             "state", {"wanted", "ready", "starting"}, {}),
        waiting(gauges(registry, "carrel_waiting_sessions", "Sessions in the line for a sandbox.").Add({})),
        streams(gauges(registry, "carrel_streams", "Answers that sandboxes are giving.").Add({})),
        breakers_open(
            gauges(registry, "carrel_breakers_open",
                   "Users and films whose sandboxes break down in a loop and are not tried for a while.")
                .Add({})),
        engine_calls(counters(registry, "carrel_engine_calls_total", "Calls of the container engine's API."),
                     "call", labels.engine_calls, "outcome", labels.engine_outcomes),
        engine_seconds(histograms(registry, "carrel_engine_call_duration_seconds",
                                  "Time that calls of the container engine's API took."),
                       "call", labels.engine_calls, {}, kEngineBuckets),
        sessions(gauges(registry, "carrel_sessions", "Sessions that are logged in.").Add({})),
        logins(counters(registry, "carrel_logins_total", "Attempts to log in."), "outcome",
               labels.login_outcomes, {}),
        videos(gauges(registry, "carrel_videos", "Videos in the library by state."), "state",
               labels.video_states, {}),
        index_seconds(
            histograms(registry, "carrel_index_duration_seconds", "Time that indexing one video took.")
                .Add({}, kIndexBuckets)),
        jobs(gauges(registry, "carrel_jobs", "Jobs in the background by state."), "state", labels.job_states,
             {}),
        job_seconds(histograms(registry, "carrel_job_duration_seconds",
                               "Time from a job's last start to its end, by how it ended."),
                    "state", {"done", "failed", "cancelled"}, {}, kJobBuckets),
        variants_bytes(
            gauges(registry, "carrel_variants_bytes", "Bytes that converted films take on the disk.")
                .Add({})),
        variants(gauges(registry, "carrel_variants", "Converted films, each quality by itself.").Add({})),
        pictures_bytes(gauges(registry, "carrel_pictures_bytes",
                              "Bytes that posters, thumbnails and previews take on the disk.")
                           .Add({})),
        pictures_made(counters(registry, "carrel_pictures_made_total", "Pictures of films made, by result."),
                      "result", labels.picture_results, {}),
        picture_seconds(histograms(registry, "carrel_picture_duration_seconds",
                                   "Time that making one picture, or one sheet of them, took.")
                            .Add({}, kPictureBuckets)),
        shedding(gauges(registry, "carrel_shedding",
                        "What is not taken on because of the machine's state: 0 nothing, 1 some conversions, "
                        "2 new sandboxes.")
                     .Add({})),
        ready(gauges(registry, "carrel_ready", "Whether a part of /readyz is ready: 1 it is, 0 it is not."),
              "part", {"database", "engine"}, {}),
        data_free(
            gauges(registry, "carrel_data_free_bytes", "Bytes that may still be written below data.dir.")
                .Add({})),
        certificate(gauges(registry, "carrel_certificate_expiry_timestamp_seconds",
                           "Unix time at which the certificate of the daemon's own TLS ends.")),
        delay_seconds(histograms(registry, "carrel_loop_delay_seconds",
                                 "How late timers of the I/O thread ran; high: something blocks it.")
                          .Add({}, kDelayBuckets)),
        dropped_lines(counters(registry, "carrel_log_lines_dropped_total",
                               "Log lines dropped because writing them fell behind.")
                          .Add({})) {
    gauges(registry, "carrel_build_info", "Always 1; the labels tell what is running.")
        .Add({{"version", std::string(version)}})
        .Set(1);
  }

  Registry registry;  // first: the others refer into it
  LabelledTwice<Counter> requests;
  Labelled<Histogram> request_seconds;
  Labelled<Counter> answers;
  Counter& answer_bytes;
  Counter& replacements;
  Labelled<Histogram> store_seconds;
  Histogram& hand_over_seconds;
  Histogram& first_byte_seconds;
  Labelled<Gauge> sandboxes;
  Histogram& start_seconds;
  Labelled<Counter> failures;
  SandboxSeries sandbox_series;
  Counter& oom_kills;
  Labelled<Gauge> measured;
  Histogram& measure_seconds;
  LabelledTwice<Histogram> phase_seconds;
  Histogram& claim_seconds;
  Labelled<Counter> ends;
  Counter& acknowledged_bytes;
  Labelled<Gauge> pool;
  Gauge& waiting;
  Gauge& streams;
  Gauge& breakers_open;
  LabelledTwice<Counter> engine_calls;
  Labelled<Histogram> engine_seconds;
  Gauge& sessions;
  Labelled<Counter> logins;
  Labelled<Gauge> videos;
  Histogram& index_seconds;
  Labelled<Gauge> jobs;
  Labelled<Histogram> job_seconds;
  Gauge& variants_bytes;
  Gauge& variants;
  Gauge& pictures_bytes;
  Labelled<Counter> pictures_made;
  Histogram& picture_seconds;
  Gauge& shedding;
  Labelled<Gauge> ready;
  Gauge& data_free;
  Family<Gauge>& certificate;
  Histogram& delay_seconds;
  Counter& dropped_lines;
  std::mutex dropped_mutex;
};

Metrics::Metrics(std::string_view version, const MetricLabels& labels)
    : impl_(std::make_unique<Impl>(version, labels)) {}

Metrics::~Metrics() = default;

void Metrics::http_request(std::string_view route, int status, std::optional<double> seconds) {
  impl_->requests.at(route, class_of(status)).Increment();
  if (seconds) impl_->request_seconds.at(route).Observe(*seconds);
}

void Metrics::answer(std::string_view outcome, std::uint64_t bytes, const AnswerTimes& times) {
  impl_->answers.at(outcome).Increment();
  impl_->answer_bytes.Increment(static_cast<double>(bytes));
  if (times.hand_over_seconds) impl_->hand_over_seconds.Observe(*times.hand_over_seconds);
  if (times.first_byte_seconds) impl_->first_byte_seconds.Observe(*times.first_byte_seconds);
}

void Metrics::replaced_in_answer(unsigned sandboxes) {
  impl_->replacements.Increment(static_cast<double>(sandboxes));
}

void Metrics::store_work(std::string_view access, double seconds) {
  impl_->store_seconds.at(access).Observe(seconds);
}

void Metrics::sandboxes(std::string_view state, std::size_t count) {
  impl_->sandboxes.at(state).Set(static_cast<double>(count));
}

void Metrics::sandbox_started(double seconds) {
  impl_->start_seconds.Observe(seconds);
}

void Metrics::sandbox_phase(std::string_view phase, std::string_view result, double seconds) {
  impl_->phase_seconds.at(phase, result).Observe(seconds);
}

void Metrics::sandbox_claimed(double seconds) {
  impl_->claim_seconds.Observe(seconds);
}

void Metrics::sandbox_ended(std::string_view reason) {
  impl_->ends.at(reason).Increment();
}

void Metrics::acknowledged(std::uint64_t bytes) {
  impl_->acknowledged_bytes.Increment(static_cast<double>(bytes));
}

void Metrics::pool(std::size_t wanted, std::size_t ready, std::size_t starting) {
  impl_->pool.at("wanted").Set(static_cast<double>(wanted));
  impl_->pool.at("ready").Set(static_cast<double>(ready));
  impl_->pool.at("starting").Set(static_cast<double>(starting));
}

void Metrics::waiting(std::size_t sessions) {
  impl_->waiting.Set(static_cast<double>(sessions));
}

void Metrics::streams(std::size_t count) {
  impl_->streams.Set(static_cast<double>(count));
}

void Metrics::breakers_open(std::size_t count) {
  impl_->breakers_open.Set(static_cast<double>(count));
}

void Metrics::sandbox_failed(std::string_view reason) {
  impl_->failures.at(reason).Increment();
}

void Metrics::sandbox_uses(std::size_t slot, const SandboxFigures& figures) {
  impl_->sandbox_series.set(slot, figures);
}

void Metrics::sandbox_gone(std::size_t slot) {
  impl_->sandbox_series.remove(slot);
}

void Metrics::sandbox_oom_kills(std::uint64_t more) {
  impl_->oom_kills.Increment(static_cast<double>(more));
}

void Metrics::sandboxes_measured(double seconds) {
  impl_->measure_seconds.Observe(seconds);
}

void Metrics::sandboxes_measured(std::string_view by, std::size_t count) {
  impl_->measured.at(by).Set(static_cast<double>(count));
}

void Metrics::engine_call(std::string_view call, double seconds, std::string_view outcome) {
  impl_->engine_calls.at(call, outcome).Increment();
  impl_->engine_seconds.at(call).Observe(seconds);
}

void Metrics::sessions(std::size_t count) {
  impl_->sessions.Set(static_cast<double>(count));
}

void Metrics::login(std::string_view outcome) {
  impl_->logins.at(outcome).Increment();
}

void Metrics::videos(std::string_view state, std::size_t count) {
  impl_->videos.at(state).Set(static_cast<double>(count));
}

void Metrics::video_indexed(double seconds) {
  impl_->index_seconds.Observe(seconds);
}

void Metrics::jobs(std::string_view state, std::size_t count) {
  impl_->jobs.at(state).Set(static_cast<double>(count));
}

void Metrics::job_ended(std::string_view state, double seconds) {
  impl_->job_seconds.at(state).Observe(seconds);
}

void Metrics::variants(std::uint64_t bytes, std::size_t count) {
  impl_->variants_bytes.Set(static_cast<double>(bytes));
  impl_->variants.Set(static_cast<double>(count));
}

void Metrics::pictures(std::uint64_t bytes) {
  impl_->pictures_bytes.Set(static_cast<double>(bytes));
}

void Metrics::picture_made(std::string_view result, double seconds) {
  impl_->pictures_made.at(result).Increment();
  impl_->picture_seconds.Observe(seconds);
}

void Metrics::shedding(int level) {
  impl_->shedding.Set(static_cast<double>(level));
}

void Metrics::ready(std::string_view part, bool is) {
  impl_->ready.at(part).Set(is ? 1 : 0);
}

void Metrics::data_free(std::uint64_t bytes) {
  impl_->data_free.Set(static_cast<double>(bytes));
}

void Metrics::certificate_expires(std::int64_t at) {
  impl_->certificate.Add({}).Set(static_cast<double>(at));
}

void Metrics::loop_delay(double seconds) {
  impl_->delay_seconds.Observe(seconds);
}

std::string Metrics::text() const {
  {
    const std::lock_guard lock(impl_->dropped_mutex);
    const double more = static_cast<double>(log::dropped()) - impl_->dropped_lines.Value();
    if (more > 0) impl_->dropped_lines.Increment(more);
  }
  return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

}  // namespace carrel::observe
