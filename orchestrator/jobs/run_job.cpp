// One job from its start to its end.
#include <algorithm>
#include <utility>

#include "base/unix_time.hpp"
#include "orchestrator/jobs/jobs.hpp"
#include "orchestrator/observe/spawn.hpp"

namespace carrel::jobs {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;
using store::JobRow;
using store::JobState;

namespace {

constexpr std::chrono::seconds kProgressEvery{1};
constexpr std::int64_t kEnginePause = 30;  // seconds
constexpr std::uint64_t kMostBitsPerSecond = 1'000'000'000;

/// What is nobody's fault but the machine's (no room, no engine, no image) is not counted as a try.
bool is_machines_fault(const Error& error) {
  return error.kind == ErrorKind::busy;
}

/// The converter's word on the film itself: the same film gets the same again.
bool is_verdict(const Error& error) {
  return error.kind == ErrorKind::invalid;
}

}  // namespace

asio::awaitable<void> Jobs::run(std::string id) {
  const JobRow job = jobs_.at(id);
  co_await save_or_tell(job);
  Result<protocol::Converted> made = co_await convert_film(job);
  co_await variants_.measure_begun(job.video, job.quality);
  co_await finish(id, std::move(made));
  wake();
}

asio::awaitable<Result<protocol::Converted>> Jobs::convert_film(JobRow job) {
  const auto video = library_.find(job.video);
  if (!video) co_return make_error(ErrorKind::busy, "the film is not there");
  const Film film = film_of(*video);
  Result<library::OpenFilm> open = co_await library_.open(video, true);
  // It is being looked at anew, or its disk is away for a moment.
  if (open.has_error()) co_return make_error(ErrorKind::busy, open.error().message);
  Result<BegunVariant> files = co_await variants_.open_begun(job.video, job.quality);
  if (files.has_error()) co_return make_error(ErrorKind::busy, files.error().message);
  const auto running = running_.find(job.id);
  if (running == running_.end()) co_return make_error(ErrorKind::internal, "the job is not running");

  ConvertOrder order;
  order.film = std::move(open->film);
  order.index = std::move(open->index);
  order.media = std::move(files->media);
  order.variant_index = std::move(files->index);
  order.checkpoint = std::move(files->checkpoint);
  const Rung* rung = rung_of(job.quality);
  const bool smaller = rung != nullptr && rung->lines > 0;
  order.request.height = smaller ? static_cast<std::uint16_t>(height_of(film, job.quality)) : 0;
  order.request.bits_per_second = bits_per_second_of(film, job.quality);
  order.duration = std::chrono::microseconds(film.duration_us);
  order.stop = running->second.stop;
  order.on_progress = [this, id = job.id, duration = film.duration_us](std::uint64_t done_us) {
    note_progress(id, done_us, duration);
  };
  Result<protocol::Converted> made = co_await convert_(std::move(order));
  if (made.has_value() && !made->made) {
    const ErrorKind kind = made->may_work_later ? ErrorKind::unavailable : ErrorKind::invalid;
    co_return make_error(kind, made->reason.empty() ? "the converter could not" : made->reason);
  }
  if (made.has_value()) {
    // A sandbox says so, and players are told of it.
    made->picture.bits_per_second = std::min(made->picture.bits_per_second, kMostBitsPerSecond);
  }
  co_return made;
}

void Jobs::note_progress(const std::string& id, std::uint64_t done_us, std::uint64_t duration_us) {
  const auto found = jobs_.find(id);
  const auto running = running_.find(id);
  if (found == jobs_.end() || running == running_.end() || duration_us == 0) return;
  const auto now = Clock::now();
  if (now - running->second.told < kProgressEvery) return;
  running->second.told = now;
  const double share = static_cast<double>(std::min(done_us, duration_us)) / static_cast<double>(duration_us);
  // Done is what is in place, not what is written.
  const auto progress = static_cast<std::int64_t>(share * static_cast<double>(store::kWholeJob - 1));
  found->second.progress = progress;
  if (observer_.on_progress) observer_.on_progress(found->second);
  if (now - running->second.saved < options_.save_progress) return;
  running->second.saved = now;
  spawn(executor_, save_or_tell(found->second), "saving a job's progress");
}

asio::awaitable<void> Jobs::finish(std::string id, Result<protocol::Converted> result) {
  const auto running = running_.find(id);
  const Running how = running->second;
  const double seconds = std::chrono::duration<double>(Clock::now() - how.began).count();
  const auto ended = [&] {
    const auto found = jobs_.find(id);
    if (found != jobs_.end() && observer_.on_ended) observer_.on_ended(found->second, seconds);
  };
  if (how.stop->asked()) {
    running_.erase(id);
    const std::optional<JobRow> job = find(id);
    if (!job) co_return;
    if (how.cancelled) {
      ended();
      // Unless somebody wants it again already.
      if (job->state == JobState::cancelled) co_await variants_.discard_begun(job->video, job->quality);
    } else if (how.paused) {
      co_await wait_again(id, how.why);
    } else if (!job->asked_by.empty()) {
      // Nobody asked for it to end: what is next is decided by what the film has become.
      co_await put_back(id, JobState::running, how.why);
    } else {
      co_await drop(id);
    }
    co_return;
  }
  if (result.has_value()) {
    const Result<void> kept = co_await finish_made(id, std::move(*result));
    if (kept.has_value()) {
      running_.erase(id);
      ended();
      co_return;
    }
    // It is made; that it cannot be taken is the machine's fault.
    result = make_error(ErrorKind::busy, kept.error().message);
  }
  running_.erase(id);
  co_await finish_failed(id, result.error());
  // It may have been dropped in the meantime.
  const std::optional<JobRow> job = find(id);
  if (job && job->state == JobState::failed) ended();
}

asio::awaitable<void> Jobs::wait_again(std::string id, std::string why) {
  const auto found = jobs_.find(id);
  if (found == jobs_.end() || found->second.state != JobState::running) co_return;
  JobRow& job = found->second;
  job.state = JobState::waiting;
  job.reason = std::move(why);
  const JobRow changed = job;
  tell(changed);
  co_await save_or_tell(changed);
}

asio::awaitable<Result<void>> Jobs::finish_made(std::string id, protocol::Converted made) {
  const auto found = jobs_.find(id);
  if (found == jobs_.end()) co_return make_error(ErrorKind::conflict, "the job was dropped");
  JobRow job = found->second;
  job.state = JobState::done;
  job.progress = store::kWholeJob;
  job.reason.clear();
  job.ended_at = unix_now();
  store::VariantRow variant;
  variant.video = job.video;
  variant.name = job.quality;
  variant.film_size = job.film_size;
  variant.film_mtime_ns = job.film_mtime_ns;
  variant.width = made.picture.width;
  variant.height = made.picture.height;
  variant.bandwidth = static_cast<std::int64_t>(made.picture.bits_per_second);
  variant.codec = made.picture.codec;
  const Result<void> accepted = co_await variants_.accept(std::move(variant), job);
  if (accepted.has_error()) co_return accepted;
  // A cancellation that came in between came too late.
  put(job);
  tell(job);
  co_return Result<void>();
}

asio::awaitable<void> Jobs::finish_failed(std::string id, Error error) {
  const auto found = jobs_.find(id);
  if (found == jobs_.end()) co_return;
  JobRow& job = found->second;
  if (job.state == JobState::cancelled) {
    const JobRow cancelled = job;
    co_await variants_.discard_begun(cancelled.video, cancelled.quality);
    co_return;
  }
  if (job.state != JobState::running) co_return;
  const auto now = unix_now();
  job.reason = error.message;
  if (is_machines_fault(error)) {
    job.state = JobState::waiting;
    job.not_before = now + kEnginePause;
  } else {
    ++job.tries;
    const auto again = is_verdict(error) ? std::nullopt : next_try(now, job.tries, options_.tries);
    job.state = again ? JobState::waiting : JobState::failed;
    job.not_before = again.value_or(0);
    if (!again) job.ended_at = now;
  }
  tell(job);
  const JobRow changed = job;
  co_await save_or_tell(changed);
  if (changed.state == JobState::failed) co_await variants_.discard_begun(changed.video, changed.quality);
}

}  // namespace carrel::jobs
