// What people ask of jobs.
#include <utility>

#include "base/unix_time.hpp"
#include "orchestrator/jobs/job_row.hpp"
#include "orchestrator/jobs/jobs.hpp"
#include "orchestrator/lib/sodium/uuid.hpp"

namespace carrel::jobs {

namespace asio = boost::asio;
using store::JobRow;
using store::JobState;

namespace {

bool failed_within(const JobRow& job, std::chrono::seconds rest) {
  if (job.state != JobState::failed) return false;
  const std::int64_t ago = unix_now() - job.ended_at.value_or(0);
  return ago >= 0 && ago < rest.count();
}

}  // namespace

asio::awaitable<Result<AskedJob>> Jobs::ask(std::shared_ptr<const library::Video> video, std::string quality,
                                            std::int64_t priority, std::string asked_by,
                                            std::chrono::seconds rest) {
  const Film film = film_of(*video);
  if (video->row.state == library::VideoState::failed)
    co_return make_error(ErrorKind::conflict, "the film could not be read: " + video->row.reason);
  if (!film.ready) co_return make_error(ErrorKind::conflict, "the film is still being looked at");
  if (!is_makeable(film, quality)) {
    std::string names;
    for (const std::string& name : makeable(film)) names += (names.empty() ? "" : ", ") + name;
    co_return make_error(ErrorKind::invalid, "\"" + quality + "\" cannot be made of this film" +
                                                 (names.empty() ? "" : "; what can be: " + names));
  }
  if (variants_.find(video->row, quality) != nullptr)
    co_return make_error(ErrorKind::conflict, "the film has the quality " + quality + " already");
  std::optional<JobRow> job = of(film.id, quality);
  if (!job) {
    job.emplace();
    job->id = sodium::make_uuid_v7();
    job->video = film.id;
    job->kind = kConvert;
    job->quality = std::move(quality);
    job->priority = priority;
    job->asked_by = std::move(asked_by);
    set_back(*job, film, unix_now());
  } else if (is_open(*job)) {
    const bool changes = priority > job->priority || (job->asked_by.empty() && !asked_by.empty());
    AskedJob same{*job, false};
    if (!changes) co_return same;
    job->priority = std::max(job->priority, priority);
    if (job->asked_by.empty()) job->asked_by = std::move(asked_by);
  } else if (failed_within(*job, rest)) {
    co_return make_error(ErrorKind::conflict, "it failed a short while ago: " + job->reason);
  } else {
    set_back(*job, film, unix_now());
    job->priority = priority;
    job->asked_by = std::move(asked_by);
  }
  const std::optional<JobRow> before = find(job->id);
  put(*job);
  const Result<void> saved = co_await save(*job);
  if (saved.has_error()) {
    // Nobody could know of it but those who looked in the meantime.
    if (before) {
      put(*before);
    } else {
      forget(job->id);
    }
    co_return saved.error();
  }
  if (!before || before->state != job->state) tell(*job);
  wake();
  AskedJob changed{std::move(*job), true};
  co_return changed;
}

Result<JobRow*> Jobs::known(const std::string& id) {
  const auto found = jobs_.find(id);
  if (found == jobs_.end()) return make_error(ErrorKind::not_found, "there is no job " + id);
  return &found->second;
}

asio::awaitable<Result<JobRow>> Jobs::cancel(std::string id, std::string by) {
  const Result<JobRow*> job = known(id);
  if (job.has_error()) co_return job.error();
  if (!is_open(**job)) {
    co_return make_error(ErrorKind::conflict,
                         "the job has ended: it is " + std::string(to_string((*job)->state)));
  }
  const std::string reason = "cancelled by " + by;
  const auto running = running_.find(id);
  if (running != running_.end()) {
    running->second.cancelled = true;
    running->second.why = reason;
    running->second.stop->ask();
  }
  JobRow& row = **job;
  row.state = JobState::cancelled;
  row.reason = reason;
  row.ended_at = unix_now();
  const JobRow changed = row;
  tell(changed);
  const Result<void> saved = co_await save(changed);
  if (saved.has_error()) co_return saved.error();
  if (!running_.contains(id)) co_await variants_.discard_begun(changed.video, changed.quality);
  wake();
  co_return changed;
}

asio::awaitable<Result<JobRow>> Jobs::retry(std::string id, std::string by) {
  const Result<JobRow*> job = known(id);
  if (job.has_error()) co_return job.error();
  const JobRow& row = **job;
  // One that waits for its next try may be tried at once.
  const bool waits = row.state == JobState::waiting && row.tries > 0;
  if (row.state != JobState::failed && row.state != JobState::cancelled && !waits) {
    co_return make_error(ErrorKind::conflict,
                         "only a job that failed or was cancelled can be tried again; "
                         "this one is " +
                             std::string(to_string(row.state)));
  }
  if (running_.contains(id))
    co_return make_error(ErrorKind::conflict, "its converter is still being ended; try again in a moment");
  const auto video = library_.find(row.video);
  if (!video) co_return make_error(ErrorKind::conflict, "the film is not there any more");
  JobRow changed = row;
  set_back(changed, film_of(*video), unix_now());
  if (changed.asked_by.empty()) changed.asked_by = std::move(by);
  put(changed);
  tell(changed);
  const Result<void> saved = co_await save(changed);
  if (saved.has_error()) co_return saved.error();
  wake();
  co_return changed;
}

asio::awaitable<Result<JobRow>> Jobs::set_priority(std::string id, std::int64_t priority) {
  const Result<JobRow*> job = known(id);
  if (job.has_error()) co_return job.error();
  (*job)->priority = priority;
  const JobRow changed = **job;
  const Result<void> saved = co_await save(changed);
  if (saved.has_error()) co_return saved.error();
  wake();
  co_return changed;
}

}  // namespace carrel::jobs
