// The life of one sandbox, from planned to removed: one coroutine owns it from end to end.
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "orchestrator/sandbox/sandboxes.hpp"

namespace carrel::sandbox {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds kFirstRemoveRetry{100};
constexpr std::chrono::milliseconds kLastRemoveRetry{30'000};
constexpr int kLooksForDeath = 20;
constexpr std::chrono::milliseconds kBetweenLooks{100};
constexpr auto kForever = std::chrono::steady_clock::time_point::max();

/// The next one like it would break down, too, or not start either. Reason::none: nobody wanted it gone.
bool broke(Reason reason) {
  return reason == Reason::none || is_crash(reason) || reason == Reason::create_failed;
}

}  // namespace

asio::awaitable<void> Sandboxes::live(Living sandbox) {
  const auto began = Clock::now();
  const Result<void> up = co_await bring_up(sandbox);
  if (up.has_error()) {
    sandbox->end(Ending{Reason::create_failed, up.error().message});
  } else if (observer_.on_ready) {
    observer_.on_ready(std::chrono::duration<double>(Clock::now() - began).count());
  }
  const auto ready_since = Clock::now();
  if (up.has_value()) sandbox->touch("was started");
  if (up.has_value() && of_session(sandbox->identity().session) == sandbox) co_await note_assigned(sandbox);
  sandbox->settled().set(up);
  if (up.has_value()) refill_pool();

  const bool told = co_await sandbox->ending().wait_until(kForever);
  const auto died = Clock::now();
  if (!told || leaving_) co_return;
  const auto id = sandbox->identity().session;
  if (const auto mine = by_session_.find(id); mine != by_session_.end() && mine->second == sandbox) {
    by_session_.erase(mine);
  }
  const auto mine_waiting = warm_.find(id);
  const bool was_warm = mine_waiting != warm_.end() && mine_waiting->second == sandbox;
  if (was_warm) {
    warm_.erase(mine_waiting);
    offered_.erase(id);
    // Its place in the pool is free from here on, long before its container may be gone.
    const bool outlived = up.has_value() && refills_.outlived(ready_since, died);
    if (!outlived && broke(sandbox->ending().value()->reason)) refills_.failed(died);
  }
  Ending ending = *sandbox->ending().value();
  co_await bring_down(sandbox, std::move(ending));
  living_.erase(sandbox->identity().sandbox);
  note_change();
  if (up.has_value()) refill_pool();
}

asio::awaitable<void> Sandboxes::note_assigned(Living sandbox) {
  if (sandbox->state() != State::ready) co_return;
  const Ending none;
  const Result<void> noted = co_await step(sandbox, State::assigned, none);
  // A journal that cannot be written stops new sandboxes; this one is ready and has its labels.
  static_cast<void>(noted);
}

asio::awaitable<void> Sandboxes::claim_warm(Living sandbox) {
  const auto began = Clock::now();
  co_await note_assigned(sandbox);
  if (observer_.on_claimed) observer_.on_claimed(std::chrono::duration<double>(Clock::now() - began).count());
}

asio::awaitable<Result<void>> Sandboxes::bring_up(Living sandbox) {
  const bool adopting = !sandbox->container_id().empty();
  std::optional<Gate::Permit> permit;
  if (!adopting) {
    Gate::Permit turn = co_await starts_.enter();
    permit.emplace(std::move(turn));
    if (sandbox->ending().is_set())
      co_return make_error(ErrorKind::unavailable, "the sandbox was ended before it was made");
  }
  const auto deadline = Clock::now() + options_.ready_timeout;
  const auto opened = sandbox->open_control(options_.run_directory);
  if (opened.has_error()) co_return opened.error();

  const Ending none;
  if (adopting) {
    const Result<void> noted = co_await step(sandbox, State::starting, none);
    if (noted.has_error()) co_return noted.error();
  } else {
    const Result<void> created = co_await create_container(sandbox);
    if (created.has_error()) co_return created.error();
  }

  const bool heard = co_await sandbox->hello().wait_until(deadline);
  if (!heard) {
    co_return make_error(ErrorKind::timeout, "the streamer in container " +
                                                 container_name(sandbox->identity().sandbox) +
                                                 " did not connect within " +
                                                 std::to_string(options_.ready_timeout.count()) + " s");
  }
  const auto& hello = *sandbox->hello().value();
  if (hello.has_error()) co_return hello.error();
  const Result<void> ready = co_await step(sandbox, State::ready, none);
  co_return ready;
}

asio::awaitable<Result<void>> Sandboxes::create_container(Living sandbox) {
  const Ending none;
  const Result<void> planned = co_await step(sandbox, State::creating, none);
  if (planned.has_error()) co_return planned.error();

  // By digest: a tag that is moved in between must not give one session's booth another program.
  const Role role = sandbox->identity().role;
  const Result<std::string> image = co_await image_for(role);
  if (image.has_error()) co_return image.error();
  ContainerLimits limits = options_.limits;
  // Workers read films whole, as converters do, and nobody waits for them.
  if (role == Role::converter || role == Role::worker) limits.io_weight = options_.converter.io_weight;
  limits.max_file_bytes = sandbox->max_file_bytes;
  limits.image = *image;
  limits.memory_bytes = sandbox->limits().memory_bytes;
  limits.cpus = sandbox->limits().cpus;
  sandbox->engine_took(sandbox->limits());
  sandbox->set_image(*image);
  ContainerSpec spec =
      plan_container(sandbox->identity(), limits, options_.run_directory / sandbox->identity().sandbox);
  spec.network_of = holder_.network();
  const ContainerSpec again = spec;
  Result<void> started = co_await create_and_start(sandbox, std::move(spec));
  if (started.has_value()) co_return started;
  const ErrorKind kind = started.error().kind;
  const bool engine_works = kind != ErrorKind::unavailable && kind != ErrorKind::timeout;
  if (engine_works && !again.network_of.empty() && !sandbox->ending().is_set()) {
    Result<void> alone = co_await start_alone(sandbox, again);
    started = std::move(alone);
  }
  if (started.has_error()) image_seen_ = Clock::time_point();  // it may be the image that is gone
  co_return started;
}

asio::awaitable<Result<void>> Sandboxes::create_and_start(Living sandbox, ContainerSpec spec) {
  const Result<std::string> created = co_await engine_.create(std::move(spec));
  if (created.has_error()) co_return created.error();
  sandbox->set_container(*created);
  if (sandbox->ending().is_set())
    co_return make_error(ErrorKind::unavailable, "the sandbox was ended while it was made");
  if (sandbox->state() == State::creating) {
    const Ending none;
    const Result<void> noted = co_await step(sandbox, State::starting, none);
    if (noted.has_error()) co_return noted.error();
  }
  const Result<void> started = co_await engine_.start(*created);
  co_return started;
}

/// The holder may be gone, which engines say at the creation or not before the start: without it, in a
/// namespace of its own.
asio::awaitable<Result<void>> Sandboxes::start_alone(Living sandbox, ContainerSpec spec) {
  // From here on the end of the first container is not the sandbox's.
  sandbox->set_container({});
  const Result<void> cleared = co_await engine_.remove(spec.name);
  if (cleared.has_error()) co_return cleared.error();
  const std::string holder = std::exchange(spec.network_of, {});
  const Result<void> started = co_await create_and_start(sandbox, std::move(spec));
  if (started.has_value() && holder_.network() == holder) holder_.lost();
  co_return started;
}

asio::awaitable<void> Sandboxes::bring_down(Living sandbox, Ending ending) {
  const Ending why = co_await ask_engine_why(sandbox, std::move(ending));
  const bool failed =
      is_crash(why.reason) || why.reason == Reason::create_failed || why.reason == Reason::engine_lost;
  note_crash(*sandbox, why);
  const State next = failed ? State::failed : State::stopping;
  const Result<void> noted = co_await step(sandbox, next, why);
  static_cast<void>(noted);  // The container has to go even when the journal cannot be written.
  sandbox->close_control(false);

  auto pause = kFirstRemoveRetry;
  // Without an id the engine may still have created it (an answer lost half-way): the name finds it.
  const std::string target =
      sandbox->container_id().empty() ? container_name(sandbox->identity().sandbox) : sandbox->container_id();
  for (;;) {
    const Result<void> removed = co_await engine_.remove(target);
    if (!removed.has_error()) break;
    if (leaving_) co_return;  // the next daemon finds it by its label
    asio::steady_timer timer(executor_, pause);
    co_await timer.async_wait(asio::use_awaitable);
    pause = std::min(pause * 2, kLastRemoveRetry);
  }
  sandbox->gone().set(true);
  const Result<void> forgotten = co_await step(sandbox, State::removed, why);
  static_cast<void>(forgotten);
}

asio::awaitable<Ending> Sandboxes::ask_engine_why(Living sandbox, Ending ending) {
  if (ending.reason != Reason::none) co_return ending;
  Result<ContainerState> seen = co_await engine_.inspect(sandbox->container_id());
  // The socket's end outruns the engine's own notice of a death.
  for (int look = 0; look < kLooksForDeath && seen.has_value() && seen->running; ++look) {
    asio::steady_timer timer(executor_, kBetweenLooks);
    co_await timer.async_wait(asio::use_awaitable);
    Result<ContainerState> again = co_await engine_.inspect(sandbox->container_id());
    seen = std::move(again);
  }
  if (seen.has_error()) {
    const bool gone = seen.error().kind == ErrorKind::not_found;
    ending.reason = gone ? Reason::admin : Reason::engine_lost;
    ending.detail += gone ? "; somebody removed the container" : "; " + seen.error().message;
  } else if (seen->running) {
    ending.reason = Reason::unresponsive;
  } else {
    ending.reason = classify_exit(seen->oom_killed, seen->exit_code);
    ending.detail += "; exit code " + std::to_string(seen->exit_code);
  }
  co_return ending;
}

asio::awaitable<Result<void>> Sandboxes::step(Living sandbox, State state, Ending ending) {
  const State from = sandbox->state();
  const std::chrono::duration<double> spent = Clock::now() - sandbox->entered();
  sandbox->move_to(state);
  if (observer_.on_state) {
    const Transition transition{*sandbox, from, state, ending.reason, ending.detail, spent.count()};
    observer_.on_state(transition);
  }
  JournalEntry entry{sandbox->identity(), state, ending.reason, sandbox->container_id(), ending.detail};
  const Result<void> recorded = co_await journal_.record(std::move(entry));
  co_return recorded;
}

}  // namespace carrel::sandbox
