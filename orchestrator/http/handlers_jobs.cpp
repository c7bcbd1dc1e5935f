// What is made of films in the background, for administrators.

#include "base/unix_time.hpp"
#include "orchestrator/accounts/audit_log.hpp"
#include "orchestrator/http/handlers.hpp"
#include "orchestrator/http/json_body.hpp"
#include "orchestrator/http/json_values.hpp"
#include "orchestrator/http/problem.hpp"
#include "orchestrator/jobs/jobs.hpp"
#include "orchestrator/library/library.hpp"

namespace carrel::http {

using nlohmann::json;

namespace {

constexpr std::int64_t kHighestPriority = 1000;
constexpr std::int64_t kUsualPriority = 20;  // before what a viewer asked for

json job_json(const Services& services, const store::JobRow& job) {
  const auto video = services.library.find(job.video);
  const bool waits = job.state == store::JobState::waiting && job.not_before > unix_now();
  return {{"id", job.id},
          {"video", job.video},
          {"title", video ? json(video->row.title) : json(nullptr)},
          {"kind", job.kind},
          {"quality", job.quality},
          {"state", store::to_string(job.state)},
          {"priority", job.priority},
          {"progress", store::share_done(job)},
          {"tries", job.tries},
          {"reason", text_or_null(job.reason)},
          {"asked_by", text_or_null(job.asked_by)},
          {"next_try_at", time_or_null(waits ? job.not_before : 0)},
          {"created_at", rfc3339(job.created_at)},
          {"started_at", time_or_null(job.started_at.value_or(0))},
          {"ended_at", time_or_null(job.ended_at.value_or(0))}};
}

Result<std::int64_t> priority_in(const json& value) {
  const bool whole = value.is_number_integer();
  const std::int64_t priority = whole ? value.get<std::int64_t>() : kHighestPriority + 1;
  if (priority > kHighestPriority || priority < -kHighestPriority)
    return make_error(ErrorKind::invalid, "priority is a whole number from -1000 to 1000");
  return priority;
}

struct Order {
  std::string video;
  std::string quality;
  std::int64_t priority = kUsualPriority;
};

Result<Order> order_of(const Request& request) {
  const auto body = json_object(request);
  if (body.has_error()) return body.error();
  const Error form = make_error(
      ErrorKind::invalid, R"(send {"video": ID, "quality": "play", "720p", "480p" or "360p"}, and if you )"
                          R"(like "kind": "convert" and "priority": N)");
  Order order;
  const auto video = string_member(*body, "video");
  if (video.has_error()) return form;
  order.video = *video;
  order.quality = jobs::kPlay;
  for (const auto& [name, value] : body->items()) {
    if (name == "video") continue;
    if (name == "quality" && value.is_string()) {
      order.quality = value.get<std::string>();
    } else if (name == "priority") {
      const auto priority = priority_in(value);
      if (priority.has_error()) return priority.error();
      order.priority = *priority;
    } else if (name != "kind" || value != jobs::kConvert) {
      return form;
    }
  }
  return order;
}

constexpr std::size_t kLeastOfId = 8;

/// By its id, the beginning of it, or its title; administrators type it. ErrorKind::not_found, or conflict:
/// there are several.
Result<std::shared_ptr<const library::Video>> video_named(const Services& services, const std::string& name) {
  if (auto video = services.library.find(name)) return video;
  std::shared_ptr<const library::Video> found;
  for (const auto& video : services.library.all()) {
    const bool begins = name.size() >= kLeastOfId && video->row.id.starts_with(name);
    if (!begins && video->row.title != name) continue;
    if (found) return make_error(ErrorKind::conflict, "several films are called so; name one by its id");
    found = video;
  }
  if (!found) return make_error(ErrorKind::not_found, "the library has no film with that id or title");
  return found;
}

}  // namespace

AsyncReply list_jobs(Services& services, const Request&) {
  json items = json::array();
  for (const store::JobRow& job : services.jobs.list()) items.push_back(job_json(services, job));
  json counts = json::object();
  for (const auto& [state, count] : services.jobs.count_by_state())
    counts[std::string(store::to_string(state))] = count;
  co_return json_response(200, {{"items", std::move(items)},
                                {"counts", std::move(counts)},
                                {"variants_bytes", services.variants.bytes()},
                                {"variants_max_bytes", services.config.variants.max_bytes}});
}

AsyncReply show_job(Services& services, const Request& request) {
  const auto job = services.jobs.find(request.parameters.front());
  if (!job) {
    const Error error = make_error(ErrorKind::not_found, "there is no job " + request.parameters.front());
    co_return problem_from(error);
  }
  co_return json_response(200, job_json(services, *job));
}

AsyncReply add_job(Services& services, const Request& request) {
  const auto order = order_of(request);
  if (order.has_error()) co_return problem_from(order.error());
  const auto video = video_named(services, order->video);
  if (video.has_error()) co_return problem_from(video.error());
  Result<jobs::AskedJob> asked =
      co_await services.jobs.ask(*video, order->quality, order->priority, request.actor);
  if (asked.has_error()) co_return problem_from(asked.error());
  if (asked->changed) services.audit.record(request.actor, "job_added", asked->job.video, order->quality);
  co_return json_response(202, job_json(services, asked->job));
}

AsyncReply change_job(Services& services, const Request& request) {
  const auto body = json_object(request);
  if (body.has_error()) co_return problem_from(body.error());
  const json value = body->value("priority", json());
  const Result<std::int64_t> priority = priority_in(value);
  if (priority.has_error() || body->size() != 1) {
    const Error error = make_error(ErrorKind::invalid,
                                   R"(send {"priority": N} alone, with a whole number from -1000 to 1000)");
    co_return problem_from(error);
  }
  const std::string id = request.parameters.front();
  Result<store::JobRow> job = co_await services.jobs.set_priority(id, *priority);
  if (job.has_error()) co_return problem_from(job.error());
  services.audit.record(request.actor, "job_changed", id, "priority " + std::to_string(*priority));
  co_return json_response(200, job_json(services, *job));
}

AsyncReply cancel_job(Services& services, const Request& request) {
  const std::string id = request.parameters.front();
  Result<store::JobRow> job = co_await services.jobs.cancel(id, request.actor);
  if (job.has_error()) co_return problem_from(job.error());
  services.audit.record(request.actor, "job_cancelled", id, job->quality);
  co_return json_response(200, job_json(services, *job));
}

AsyncReply retry_job(Services& services, const Request& request) {
  const std::string id = request.parameters.front();
  Result<store::JobRow> job = co_await services.jobs.retry(id, request.actor);
  if (job.has_error()) co_return problem_from(job.error());
  services.audit.record(request.actor, "job_retried", id, job->quality);
  co_return json_response(202, job_json(services, *job));
}

}  // namespace carrel::http
