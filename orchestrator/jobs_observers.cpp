// How what happens to jobs and pictures becomes log lines, metrics and events.
#include <nlohmann/json.hpp>

#include "base/unix_time.hpp"
#include "orchestrator/observe/log.hpp"
#include "orchestrator/observers.hpp"

namespace carrel {
namespace {

using Json = nlohmann::json;

std::string one_line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json facts_of(const store::JobRow& job) {
  return {{"at", unix_now()},
          {"job", job.id},
          {"video", job.video},
          {"kind", job.kind},
          {"quality", job.quality},
          {"state", store::to_string(job.state)},
          {"progress", store::share_done(job)},
          {"reason", job.reason}};
}

}  // namespace

jobs::JobsObserver jobs_observer(observe::Metrics& metrics, observe::EventFeed& feed) {
  jobs::JobsObserver observer;
  observer.on_state = [&feed](const store::JobRow& job) {
    log::info("job.state", {{"job", job.id},
                            {"video", job.video},
                            {"kind", job.kind},
                            {"quality", job.quality},
                            {"state", store::to_string(job.state)},
                            {"tries", job.tries},
                            {"reason", job.reason}});
    feed.publish("job.state", {}, one_line(facts_of(job)));
  };
  observer.on_progress = [&feed](const store::JobRow& job) {
    feed.publish("job.progress", {}, one_line(facts_of(job)));
  };
  observer.on_ended = [&metrics](const store::JobRow& job, double seconds) {
    metrics.job_ended(store::to_string(job.state), seconds);
  };
  observer.on_removed = [](const jobs::Removal& one) {
    log::info("variant.removed", {{"video", one.video}, {"name", one.name}, {"reason", one.reason}});
  };
  observer.on_error = [](const Error& error) { log::warn("jobs.failed", {{"reason", error.message}}); };
  return observer;
}

jobs::PicturesObserver pictures_observer(observe::Metrics& metrics) {
  jobs::PicturesObserver observer;
  observer.on_made = [&metrics](std::string_view result, double seconds) {
    metrics.picture_made(result, seconds);
  };
  observer.on_failed = [](const std::string& video, const std::string& name, const std::string& reason) {
    log::info("picture.failed", {{"video", video}, {"name", name}, {"reason", reason}});
  };
  observer.on_error = [](const Error& error) { log::warn("pictures.failed", {{"reason", error.message}}); };
  return observer;
}

}  // namespace carrel
