// What an administrator may do to one sandbox, or to the pool.
#include <algorithm>
#include <cmath>
#include <utility>

#include "orchestrator/observe/log.hpp"
#include "orchestrator/observe/spawn.hpp"
#include "orchestrator/sandbox/sandboxes.hpp"

namespace carrel::sandbox {

namespace asio = boost::asio;

namespace {

Error no_such(const std::string& id) {
  return make_error(ErrorKind::not_found, "no sandbox " + id + " lives; see the list of sandboxes");
}

}  // namespace

Result<void> Sandboxes::stop(const std::string& id, std::chrono::seconds patience) {
  const auto sandbox = by_id(id);
  if (!sandbox) return no_such(id);
  if (sandbox->stop_asked || sandbox->ending().is_set()) return {};
  if (sandbox->answers() == 0) {
    sandbox->end(Ending{Reason::admin, "an administrator stopped it"});
    return {};
  }
  sandbox->stop_asked.emplace().when = Clock::now() + patience;
  if (observer_.on_warning) observer_.on_warning(*sandbox, patience);
  return {};
}

Result<void> Sandboxes::kill(const std::string& id) {
  const auto sandbox = by_id(id);
  if (!sandbox) return no_such(id);
  sandbox->end(Ending{Reason::admin, "an administrator killed it"});
  return {};
}

asio::awaitable<Result<void>> Sandboxes::pause(std::string id) {
  const auto sandbox = by_id(id);
  if (!sandbox) co_return no_such(id);
  const Result<void> done = co_await freeze(sandbox);
  co_return done;
}

asio::awaitable<Result<void>> Sandboxes::resume(std::string id) {
  const auto sandbox = by_id(id);
  if (!sandbox) co_return no_such(id);
  if (sandbox->state() != State::paused)
    co_return make_error(ErrorKind::conflict, "sandbox " + id + " is not paused");
  const Result<void> done = co_await thaw(sandbox);
  co_return done;
}

asio::awaitable<Result<void>> Sandboxes::limit(std::string id, SessionLimits limits) {
  const auto sandbox = by_id(id);
  if (!sandbox) co_return no_such(id);
  const SessionLimits wanted = with_defaults(limits);
  sandbox->set_limits(wanted);
  ++sandbox->limits_changing;
  const Result<void> done = co_await send_limits(sandbox, wanted);
  if (done.has_value()) sandbox->daemon_took(wanted);
  limits_changed(sandbox);
  co_return done;
}

void Sandboxes::limit_session(const std::string& session, const SessionLimits& wanted) {
  const auto sandbox = of_session(session);
  const SessionLimits limits = with_defaults(wanted);
  if (!sandbox) return;
  pacer_.limit(session, limits.bandwidth);
  // While a change is under way the same may have been asked for, and be refused.
  if (sandbox->limits() == limits && sandbox->limits_changing == 0) return;
  sandbox->set_limits(limits);
  spawn(executor_, apply_session_limits(sandbox, limits), "limiting a session's sandbox");
}

asio::awaitable<void> Sandboxes::apply_session_limits(Living sandbox, SessionLimits wanted) {
  ++sandbox->limits_changing;
  const Result<void> done = co_await send_limits(sandbox, wanted);
  sandbox->daemon_took(wanted);
  limits_changed(sandbox);
  if (done.has_error()) {
    const Identity& identity = sandbox->identity();
    log::warn(
        "sandbox.limits_failed",
        {{"sandbox", identity.sandbox}, {"session", identity.session}, {"reason", done.error().message}});
  }
}

void Sandboxes::limits_changed(const Living& sandbox) {
  // What others have asked for since is sent when it is their turn.
  if (--sandbox->limits_changing > 0) return;
  sandbox->set_limits(sandbox->limits_held());
  // The session may have ended, or have another sandbox by now.
  const std::string& session = sandbox->identity().session;
  if (of_session(session) == sandbox) pacer_.limit(session, sandbox->limits().bandwidth);
  note_change();
}

asio::awaitable<Result<void>> Sandboxes::send_limits(Living sandbox, SessionLimits wanted) {
  const auto deadline = Clock::now() + options_.ready_timeout;
  const bool settled = co_await sandbox->settled().wait_until(deadline);
  if (!settled || sandbox->settled().value()->has_error() || sandbox->ending().is_set()) {
    co_return make_error(ErrorKind::conflict, "the sandbox is not running yet, or not any more");
  }
  // One after the other, or the engine could keep what was asked for first.
  Gate::Permit turn = co_await sandbox->limit_changes().enter();
  if (sandbox->ending().is_set())
    co_return make_error(ErrorKind::conflict, "the sandbox is not running any more");
  const std::string id = sandbox->identity().sandbox;
  if (burst_ != nullptr) co_await burst_->withhold(id);
  constexpr double kNanoCpusPerCpu = 1e9;
  const auto nano_cpus = static_cast<std::uint64_t>(std::llround(wanted.cpus * kNanoCpusPerCpu));
  const Result<void> done = co_await engine_.update(sandbox->container_id(), wanted.memory_bytes, nano_cpus);
  if (done.has_value()) sandbox->engine_took(wanted);
  if (burst_ != nullptr) co_await burst_->grant(id);
  co_return done;
}

PoolState Sandboxes::pool() const {
  PoolState state{options_.pool_size, 0, 0};
  for (const auto& [session, sandbox] : warm_) {
    if (sandbox->ending().is_set()) continue;
    ++(sandbox->state() == State::ready ? state.ready : state.starting);
  }
  return state;
}

void Sandboxes::resize_pool(std::size_t size) {
  options_.pool_size = size;
  std::size_t more = warm_.size() - std::min(warm_.size(), size);
  for (const auto& [session, sandbox] : warm_) {
    if (more == 0) break;
    if (offered_.contains(session)) continue;
    sandbox->end(Ending{Reason::admin, "the pool was made smaller"});
    --more;
  }
  refill_pool();
}

std::size_t Sandboxes::drain_pool(Reason reason) {
  std::size_t ended = 0;
  for (const auto& [session, sandbox] : warm_) {
    if (offered_.contains(session) || sandbox->ending().is_set()) continue;
    sandbox->end(Ending{reason, "the pool was drained"});
    ++ended;
  }
  return ended;
}

std::size_t Sandboxes::drain_outdated() {
  std::size_t ended = 0;
  for (const auto& [session, sandbox] : warm_) {
    // One without an image has yet to be made, of the current one.
    const bool current = sandbox->image().empty() || sandbox->image() == image_;
    if (current || offered_.contains(session) || sandbox->ending().is_set()) continue;
    sandbox->end(Ending{Reason::outdated, "there is a newer image"});
    ++ended;
  }
  return ended;
}

}  // namespace carrel::sandbox
