// What is done for living sandboxes every second: pings, the idle ladder, the pool, the holder.
#include <algorithm>
#include <utility>

#include "base/remedies.hpp"
#include "orchestrator/lib/sodium/uuid.hpp"
#include "orchestrator/observe/log.hpp"
#include "orchestrator/observe/spawn.hpp"
#include "orchestrator/sandbox/sandboxes.hpp"

namespace carrel::sandbox {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds kImageSeenEvery{10};
constexpr std::size_t kRefillsAtOnce = 2;  // the pool never takes all the starts from those who wait

bool runs(const Sandbox& sandbox) {
  return sandbox.state() == State::ready || sandbox.state() == State::assigned;
}

}  // namespace

void Sandboxes::tend() {
  if (leaving_ || !adopted_.is_set()) return;
  const auto now = Clock::now();
  const auto all = living();
  for (const auto& one : all) {
    if (const auto sandbox = by_id(one->identity().sandbox)) tend_one(sandbox, now);
  }
  std::erase_if(asking_, [](const auto& one) { return one.second.expired(); });
  users_.forget_old(now);
  films_.forget_old(now);
  const bool stale = now - image_seen_ >= kImageSeenEvery;
  if (options_.pool_size > 0 && stale) spawn(executor_, look_at_image(), "looking for a new image");
  if (options_.share_network && holder_.container().empty() && !image_.empty())
    spawn(executor_, keep_holder(), "keeping the holder");
  refill_pool();
  // Those who left the line make place for those behind them.
  note_change();
}

void Sandboxes::tend_one(const Living& sandbox, Clock::time_point now) {
  if (sandbox->ending().is_set() || sandbox->identity().role != Role::streamer) return;
  if (const auto& asked = sandbox->stop_asked) {
    if (sandbox->answers() == 0 || now >= asked->when) {
      sandbox->end(Ending{Reason::admin, "an administrator stopped it"});
      return;
    }
  }
  if (runs(*sandbox) && !sandbox->freezing) {
    const auto asked = sandbox->asked_since();
    if (asked && now - *asked > options_.hang_timeout) {
      sandbox->end(Ending{Reason::unresponsive, "it did not answer a ping for " +
                                                    std::to_string(options_.hang_timeout.count()) + " s"});
      return;
    }
    if (!asked && now - sandbox->last_pong() >= options_.ping_every) sandbox->ping(now);
  }
  if (sandbox->take_earlier_progress() && observer_.on_earlier_progress)
    observer_.on_earlier_progress(sandbox->identity().session);
  tend_idle(sandbox, now);
}

void Sandboxes::tend_idle(const Living& sandbox, Clock::time_point now) {
  const bool paused = sandbox->state() == State::paused;
  if ((!paused && sandbox->state() != State::assigned) || sandbox->freezing) return;
  const auto idle = now - sandbox->last_touch().when;
  IdlePolicy policy = options_.idle;
  // Nobody would see that the client of an earlier daemon reads on.
  if (sandbox->cannot_pause || sandbox->sends_earlier_answers()) policy.pause_after = std::chrono::seconds(0);
  switch (next_step(policy, paused, sandbox->warned, idle)) {
    case IdleStep::none: break;
    case IdleStep::pause: spawn(executor_, freeze_idle(sandbox), "pausing an idle sandbox"); break;
    case IdleStep::warn:
      sandbox->warned = true;
      if (observer_.on_warning) {
        observer_.on_warning(*sandbox,
                             std::chrono::ceil<std::chrono::seconds>(options_.idle.stop_after - idle));
      }
      break;
    case IdleStep::stop:
      sandbox->end(Ending{Reason::idle,
                          "nobody used it for " + std::to_string(options_.idle.stop_after.count()) + " s"});
      break;
  }
}

asio::awaitable<void> Sandboxes::freeze_idle(Living sandbox) {
  const Result<void> frozen = co_await freeze(sandbox);
  if (frozen.has_error()) {
    const Identity& identity = sandbox->identity();
    log::warn(
        "sandbox.pause_failed",
        {{"sandbox", identity.sandbox}, {"session", identity.session}, {"reason", frozen.error().message}});
    // Not tried again every second: the ladder's next rung is the stop.
    sandbox->cannot_pause = true;
  }
}

asio::awaitable<void> Sandboxes::thaw_for_reader(Living sandbox) {
  const Result<void> thawed = co_await thaw(sandbox);
  if (thawed.has_error()) {
    const Identity& identity = sandbox->identity();
    log::warn(
        "sandbox.resume_failed",
        {{"sandbox", identity.sandbox}, {"session", identity.session}, {"reason", thawed.error().message}});
  }
}

asio::awaitable<Result<void>> Sandboxes::freeze(Living sandbox) {
  if (sandbox->state() != State::assigned || sandbox->freezing || sandbox->ending().is_set()) {
    co_return make_error(ErrorKind::conflict,
                         "only a sandbox that a session has, and that runs, can be paused");
  }
  sandbox->freezing = true;
  const Ending none;
  const Result<void> noted = co_await step(sandbox, State::paused, none);
  Result<void> paused = noted;
  if (noted.has_value()) {
    Result<void> answer = co_await engine_.pause(sandbox->container_id());
    paused = std::move(answer);
  }
  sandbox->freezing = false;
  sandbox->forget_ping();
  if (paused.has_error() && sandbox->state() == State::paused && !sandbox->ending().is_set()) {
    const Result<void> back = co_await step(sandbox, State::assigned, none);
    static_cast<void>(back);  // it runs, whatever the journal says
  }
  note_change();
  co_return paused;
}

asio::awaitable<Result<void>> Sandboxes::thaw(Living sandbox) {
  const auto deadline = Clock::now() + options_.ready_timeout;
  while (sandbox->freezing && Clock::now() < deadline) {
    const auto changed = changed_;
    const bool woken = co_await changed->wait_until(deadline);
    static_cast<void>(woken);
  }
  if (sandbox->state() != State::paused) co_return Result<void>();
  if (sandbox->ending().is_set())
    co_return make_error(ErrorKind::unavailable, "the booth has just been ended");
  sandbox->freezing = true;
  const Result<void> resumed = co_await engine_.unpause(sandbox->container_id());
  sandbox->freezing = false;
  sandbox->touch("was resumed");
  if (resumed.has_error()) {
    sandbox->end(Ending{Reason::unresponsive, "it could not be resumed: " + resumed.error().message});
  } else if (sandbox->state() == State::paused && !sandbox->ending().is_set()) {
    const Ending none;
    const Result<void> noted = co_await step(sandbox, State::assigned, none);
    static_cast<void>(noted);  // it runs, whatever the journal says
  }
  note_change();
  co_return resumed;
}

asio::awaitable<void> Sandboxes::look_at_image() {
  if (looking_at_image_) co_return;
  looking_at_image_ = true;
  image_seen_ = Clock::time_point();
  const Result<std::string> now = co_await current_image();
  looking_at_image_ = false;
  if (now.has_error()) co_return;
  const std::size_t ended = drain_outdated();
  if (ended > 0) log::info("pool.drained", {{"image", *now}, {"sandboxes", ended}});
}

asio::awaitable<Result<std::string>> Sandboxes::current_image() {
  const auto now = Clock::now();
  if (!image_.empty() && now - image_seen_ < kImageSeenEvery) co_return image_;
  const Result<ImageInfo> image = co_await engine_.image(options_.limits.image);
  if (image.has_error() && image.error().kind == ErrorKind::not_found) {
    co_return make_error(ErrorKind::unavailable, "the image " + options_.limits.image +
                                                     " is not there; put it there with " + kLoadImages +
                                                     ", or name another one (sandbox.image)");
  }
  if (image.has_error()) co_return image.error();
  image_ = image->id;
  image_seen_ = Clock::now();
  co_return image_;
}

asio::awaitable<void> Sandboxes::keep_holder() {
  const Result<void> made = co_await holder_.make(image_);
  if (made.has_error()) log::warn("holder.failed", {{"reason", made.error().message}});
}

void Sandboxes::refill_pool() {
  // Until then it is not known how many places an earlier daemon's take.
  if (!adopted_.is_set() || !refills_.may_try(Clock::now())) return;
  const auto starting = static_cast<std::size_t>(
      std::ranges::count_if(warm_, [](const auto& one) { return !one.second->settled().is_set(); }));
  std::size_t more = kRefillsAtOnce - std::min(starting, kRefillsAtOnce);
  const SessionLimits limits = limits_of({});
  // A place that is free while somebody waits is theirs.
  if (line_.size(Clock::now()) > 0) return;
  while (!leaving_ && more > 0 && warm_.size() < options_.pool_size && room(limits).has_value()) {
    launch(new_identity(Role::streamer, sodium::make_uuid_v7(), {}), {}, limits);
    --more;
  }
}

}  // namespace carrel::sandbox
