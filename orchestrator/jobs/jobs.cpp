#include "orchestrator/jobs/jobs.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <tuple>
#include <utility>

#include "base/unix_time.hpp"
#include "orchestrator/jobs/job_row.hpp"
#include "orchestrator/observe/spawn.hpp"

namespace carrel::jobs {

namespace asio = boost::asio;
using store::JobRow;
using store::JobState;

Jobs::Jobs(asio::any_io_executor executor, store::Store& store, library::Library& library, Variants& variants,
           JobsOptions options, Convert convert, JobsObserver observer)
    : executor_(executor),
      store_(store),
      library_(library),
      variants_(variants),
      options_(std::move(options)),
      convert_(std::move(convert)),
      observer_(std::move(observer)),
      timer_(executor) {
  variants_.when_damaged([this](const Removal& removal) {
    if (observer_.on_removed) observer_.on_removed(removal);
    spawn(executor_, make_again(removal), "making a variant again");
  });
}

asio::awaitable<Result<void>> Jobs::load() {
  auto work = [](sqlite::Connection& db) -> Result<std::vector<JobRow>> {
    auto rows = store::load_jobs(db);
    if (rows.has_error()) return rows;
    for (JobRow& row : *rows) {
      if (row.state != JobState::running) continue;
      row.state = JobState::waiting;
      const auto saved = store::save_job(db, row);
      if (saved.has_error()) return saved.error();
    }
    return rows;
  };
  Result<std::vector<JobRow>> rows = co_await store_.write(std::move(work));
  if (rows.has_error()) co_return rows.error();
  std::vector<JobRow> unfinished;
  for (JobRow& row : *rows) {
    if (is_open(row)) unfinished.push_back(row);
    put(std::move(row));
  }
  const Result<void> loaded = co_await variants_.load(std::move(unfinished));
  co_return loaded;
}

void Jobs::start() {
  spawn(executor_, look_loop(), "deciding on jobs");
}

void Jobs::stop() {
  stopped_ = true;
  timer_.cancel();
}

void Jobs::wake() {
  woken_ = true;
  timer_.cancel();
}

asio::awaitable<void> Jobs::look_loop() {
  while (!stopped_) {
    woken_ = false;
    co_await look();
    if (woken_ || stopped_) continue;
    std::chrono::seconds pause = options_.look;
    if (look_at_) {
      const std::chrono::seconds until(std::max<std::int64_t>(*look_at_ - unix_now(), 1));
      pause = std::min(pause, until);
    }
    timer_.expires_after(pause);
    auto ignored = co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
    static_cast<void>(ignored);
  }
}

void Jobs::hold(std::optional<std::size_t> workers, std::string why) {
  most_workers_ = workers;
  held_because_ = std::move(why);
  wake();
}

void Jobs::put(JobRow job) {
  if (job.kind == kConvert) by_film_.emplace(job.video, job.quality, job.id);
  std::string id = job.id;
  jobs_.insert_or_assign(std::move(id), std::move(job));
}

void Jobs::forget(const std::string& id) {
  const auto found = jobs_.find(id);
  if (found == jobs_.end()) return;
  by_film_.erase(std::tuple(found->second.video, found->second.quality, id));
  jobs_.erase(found);
}

World Jobs::world(std::uint64_t free_bytes) const {
  World world;
  world.now = unix_now();
  world.policy = options_.policy;
  if (most_workers_) world.policy.workers = std::min(world.policy.workers, *most_workers_);
  world.policy.held_because = held_because_;
  for (const auto& video : library_.all()) world.films.emplace(video->row.id, film_of(*video));
  world.jobs = list();
  world.variants = variants_.all();
  for (const JobRow& job : world.jobs) {
    const std::uint64_t bytes = variants_.begun_bytes(job.video, job.quality);
    if (bytes > 0) world.begun_bytes.emplace(job.id, bytes);
  }
  world.free_bytes = free_bytes;
  return world;
}

asio::awaitable<void> Jobs::look() {
  const std::vector<JobRow> before = list();
  for (const JobRow& job : before) {
    if (job.state == JobState::running) co_await variants_.measure_begun(job.video, job.quality);
  }
  const Result<std::uint64_t> free = co_await variants_.free_bytes();
  if (free.has_error()) {
    if (observer_.on_error) observer_.on_error(free.error());
    co_return;
  }
  if (stopped_) co_return;
  const World seen = world(*free);
  const Decision decision = decide(seen);
  look_at_ = decision.look_again;
  for (const Because& one : decision.interrupt) {
    const auto found = running_.find(one.job);
    if (found == running_.end() || found->second.stop->asked()) continue;
    found->second.why = one.reason;
    found->second.stop->ask();
  }
  for (const Because& one : decision.pause) {
    const auto found = running_.find(one.job);
    if (found == running_.end() || found->second.stop->asked()) continue;
    found->second.why = one.reason;
    found->second.paused = true;
    found->second.stop->ask();
  }
  for (const std::string& id : decision.drop) co_await drop(id);
  for (const std::string& id : decision.renew) co_await renew(id);
  for (const std::string& id : decision.discard) {
    const auto job = find(id);
    if (!job || running_.contains(id)) continue;
    co_await variants_.discard_begun(job->video, job->quality);
  }
  for (const Removal& one : decision.remove) {
    co_await variants_.remove(one.video, one.name);
    if (observer_.on_removed) observer_.on_removed(one);
  }
  for (const Because& one : decision.fail) {
    const auto found = jobs_.find(one.job);
    if (found == jobs_.end() || found->second.state != JobState::waiting) continue;
    JobRow& job = found->second;
    job.state = JobState::failed;
    job.reason = one.reason;
    job.ended_at = unix_now();
    // That of a film that has changed stands for what it is now.
    if (const auto video = library_.find(job.video)) {
      job.film_size = video->row.size;
      job.film_mtime_ns = video->row.mtime_ns;
    }
    const JobRow failed = job;
    tell(failed);
    co_await save_or_tell(failed);
    co_await variants_.discard_begun(failed.video, failed.quality);
  }
  for (const Wanted& one : decision.make) {
    const auto video = library_.find(one.video);
    if (!video) continue;
    std::string quality = one.quality;
    std::string nobody;
    const Result<AskedJob> made = co_await ask(video, std::move(quality), 0, std::move(nobody));
    if (made.has_error() && observer_.on_error) observer_.on_error(made.error());
  }
  for (const std::string& id : decision.start) begin(id);
}

void Jobs::begin(const std::string& id) {
  const auto found = jobs_.find(id);
  // One that was cancelled and asked for again waits until its converter is gone.
  if (found == jobs_.end() || found->second.state != JobState::waiting || running_.contains(id)) return;
  JobRow& job = found->second;
  const auto now = std::chrono::steady_clock::now();
  job.state = JobState::running;
  job.started_at = unix_now();
  job.reason.clear();
  Running running;
  running.stop = std::make_shared<StopSwitch>();
  running.began = now;
  running.saved = now;
  running_.insert_or_assign(id, std::move(running));
  tell(job);
  spawn(executor_, run(id), "running a job");
}

std::vector<JobRow> Jobs::list() const {
  std::vector<JobRow> rows;
  rows.reserve(jobs_.size());
  for (const auto& [id, job] : jobs_) rows.push_back(job);
  // Those that ended stand last, the latest of them first.
  std::ranges::sort(rows, {}, [](const JobRow& job) {
    const int rank = job.state == JobState::running ? 0 : job.state == JobState::waiting ? 1 : 2;
    const std::int64_t ended = rank < 2 ? 0 : -job.ended_at.value_or(0);
    const std::int64_t priority = rank < 2 ? -job.priority : 0;
    return std::tuple(rank, ended, priority, job.created_at, job.id);
  });
  return rows;
}

std::optional<JobRow> Jobs::find(std::string_view id) const {
  const auto found = jobs_.find(id);
  return found == jobs_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<JobRow> Jobs::of(std::string_view video, std::string_view quality) const {
  const auto found = by_film_.lower_bound(std::tuple(video, quality, std::string_view()));
  if (found == by_film_.end()) return std::nullopt;
  const auto& [its_video, its_quality, id] = *found;
  return its_video == video && its_quality == quality ? find(id) : std::nullopt;
}

std::map<JobState, std::size_t> Jobs::count_by_state() const {
  std::map<JobState, std::size_t> counts;
  for (const auto state :
       {JobState::waiting, JobState::running, JobState::done, JobState::failed, JobState::cancelled})
    counts[state] = 0;
  for (const auto& [id, job] : jobs_) ++counts[job.state];
  return counts;
}

asio::awaitable<void> Jobs::drop(std::string id) {
  const auto found = jobs_.find(id);
  if (found == jobs_.end() || running_.contains(id)) co_return;
  const JobRow job = found->second;
  forget(id);
  auto work = [id](sqlite::Connection& db) { return store::delete_job(db, id); };
  const Result<void> deleted = co_await store_.write(std::move(work));
  if (deleted.has_error() && observer_.on_error) observer_.on_error(deleted.error());
  co_await variants_.discard_begun(job.video, job.quality);
}

asio::awaitable<void> Jobs::renew(std::string id) {
  const auto found = jobs_.find(id);
  const auto video = found == jobs_.end() ? nullptr : library_.find(found->second.video);
  if (!video || running_.contains(id)) co_return;
  found->second.film_size = video->row.size;
  found->second.film_mtime_ns = video->row.mtime_ns;
  std::string why = "the film has changed; it is made of what it is now";
  co_await put_back(std::move(id), JobState::waiting, std::move(why));
}

asio::awaitable<void> Jobs::make_again(Removal removal) {
  const std::optional<JobRow> job = of(removal.video, removal.name);
  std::string why = std::move(removal.reason) + "; it is made again";
  if (job) co_await put_back(job->id, JobState::done, std::move(why));
  wake();
}

asio::awaitable<void> Jobs::put_back(std::string id, JobState from, std::string reason) {
  const std::optional<JobRow> before = find(id);
  if (!before || before->state != from) co_return;
  // First, lest they go under the hands of a converter that goes on with them.
  co_await variants_.discard_begun(before->video, before->quality);
  const auto found = jobs_.find(id);
  if (found == jobs_.end() || found->second.state != from) co_return;
  Film film;
  film.size = found->second.film_size;
  film.mtime_ns = found->second.film_mtime_ns;
  set_back(found->second, film, unix_now());
  found->second.reason = std::move(reason);
  const JobRow job = found->second;
  tell(job);
  co_await save_or_tell(job);
  wake();
}

asio::awaitable<void> Jobs::remove_film(std::string video) {
  std::vector<std::string> ids;
  for (const auto& [id, job] : jobs_)
    if (job.video == video) ids.push_back(id);
  for (const std::string& id : ids) co_await drop(id);
  co_await variants_.remove_film(video);
}

asio::awaitable<Result<void>> Jobs::save(JobRow job) {
  auto work = [job = std::move(job)](sqlite::Connection& db) { return store::save_job(db, job); };
  const Result<void> saved = co_await store_.write(std::move(work));
  co_return saved;
}

asio::awaitable<void> Jobs::save_or_tell(JobRow job) {
  const Result<void> saved = co_await save(std::move(job));
  if (saved.has_error() && observer_.on_error) observer_.on_error(saved.error());
}

void Jobs::tell(const JobRow& job) {
  if (observer_.on_state) observer_.on_state(job);
}

}  // namespace carrel::jobs
