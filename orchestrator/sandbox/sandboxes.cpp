#include "orchestrator/sandbox/sandboxes.hpp"

#include <algorithm>
#include <utility>

#include "orchestrator/lib/sodium/uuid.hpp"
#include "orchestrator/observe/spawn.hpp"
#include "orchestrator/sandbox/labels.hpp"
#include "streamer/protocol/message.hpp"

namespace carrel::sandbox {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

Sandboxes::Sandboxes(asio::any_io_executor executor, Engine& engine, Journal& journal,
                     SandboxesOptions options, Observer observer)
    : executor_(std::move(executor)),
      engine_(engine),
      journal_(journal),
      options_(std::move(options)),
      observer_(std::move(observer)),
      adopted_(executor_) {}

std::string Sandboxes::propose_session() {
  for (const auto& [session, sandbox] : warm_) {
    if (sandbox->state() == State::ready && offered_.insert(session).second) return session;
  }
  return sodium::make_uuid_v7();
}

void Sandboxes::prepare(const Claim& claim) {
  if (const auto mine = by_session_.find(claim.session); mine != by_session_.end()) {
    if (!mine->second->ending().is_set()) return;
    by_session_.erase(mine);
  }
  if (const auto warm = warm_.find(claim.session); warm != warm_.end()) {
    const auto sandbox = warm->second;
    warm_.erase(warm);
    offered_.erase(claim.session);
    sandbox->assign_user(claim.user);
    by_session_.emplace(claim.session, sandbox);
    spawn(executor_, note_assigned(sandbox), "assigning a warm sandbox");
    refill_pool();
    return;
  }
  if (!adopted_.is_set()) return;
  if (room().has_error()) give_up_a_warm_one();
  if (room().has_error()) return;
  const auto identity = new_identity(Role::streamer, claim.session, claim.user);
  by_session_.emplace(claim.session, launch(identity, {}));
}

void Sandboxes::give_up_a_warm_one() {
  for (const auto& [session, sandbox] : warm_) {
    if (offered_.contains(session) || sandbox->ending().is_set()) continue;
    sandbox->end(Ending{Reason::admin, "a session needs its place"});
    return;
  }
}

Result<void> Sandboxes::room() const {
  const auto ends = [](const auto& one) { return one.second->ending().is_set(); };
  const auto ending = static_cast<std::size_t>(std::ranges::count_if(living_, ends));
  if (living_.size() - ending >= options_.max_total) {
    return make_error(ErrorKind::busy, "all " + std::to_string(options_.max_total) +
                                           " booths are taken; try again when somebody has logged out");
  }
  // One that ends makes room for its successor at once, but an engine that removes nothing must not let them
  // pile up.
  if (living_.size() >= 2 * options_.max_total) {
    return make_error(ErrorKind::unavailable, "the container engine has yet to remove " +
                                                  std::to_string(ending) +
                                                  " booths that ended; see /readyz for its state");
  }
  return {};
}

asio::awaitable<Result<std::shared_ptr<Sandbox>>> Sandboxes::ready_for(Claim claim) {
  const auto deadline = Clock::now() + options_.ready_timeout;
  const bool engine_answered = co_await adopted_.wait_until(deadline);
  if (!engine_answered) {
    co_return make_error(ErrorKind::unavailable,
                         "the container engine does not answer: " + engine_.health().message);
  }
  prepare(claim);
  const auto sandbox = of_session(claim.session);
  if (!sandbox) co_return room().error();
  const bool settled = co_await sandbox->settled().wait_until(deadline);
  if (!settled) {
    co_return make_error(ErrorKind::timeout, "the container engine took more than " +
                                                 std::to_string(options_.ready_timeout.count()) +
                                                 " s to start a booth");
  }
  const auto& result = *sandbox->settled().value();
  if (result.has_error()) co_return result.error();
  co_return sandbox;
}

void Sandboxes::end_session(const std::string& session, Reason reason) {
  const auto found = by_session_.find(session);
  if (found == by_session_.end()) return;
  const auto sandbox = found->second;
  by_session_.erase(found);
  sandbox->end(Ending{reason, {}});
}

std::vector<std::shared_ptr<const Sandbox>> Sandboxes::living() const {
  std::vector<std::shared_ptr<const Sandbox>> result;
  result.reserve(living_.size());
  for (const auto& [id, sandbox] : living_) result.push_back(sandbox);
  return result;
}

std::shared_ptr<Sandbox> Sandboxes::of_session(std::string_view session) const {
  const auto found = by_session_.find(session);
  return found == by_session_.end() ? nullptr : found->second;
}

void Sandboxes::leave() {
  leaving_ = true;
  events_.reset();
  for (const auto& [id, sandbox] : living_) sandbox->close_control(true);
}

std::shared_ptr<Sandbox> Sandboxes::launch(Identity identity, std::string existing_container) {
  auto sandbox = std::make_shared<Sandbox>(executor_, std::move(identity));
  sandbox->set_container(std::move(existing_container));
  living_.emplace(sandbox->identity().sandbox, sandbox);
  spawn(executor_, live(sandbox), "the life of a sandbox");
  return sandbox;
}

void Sandboxes::refill_pool() {
  while (!leaving_ && warm_.size() < options_.pool_size && room().has_value()) {
    const auto session = sodium::make_uuid_v7();
    const auto identity = new_identity(Role::streamer, session, {});
    warm_.emplace(session, launch(identity, {}));
  }
}

Identity Sandboxes::new_identity(Role role, std::string session, std::string user) const {
  return Identity{.instance = options_.instance,
                  .sandbox = sodium::make_uuid_v7(),
                  .session = std::move(session),
                  .user = std::move(user),
                  .generation = protocol::kVersion,
                  .role = role};
}

void Sandboxes::on_engine_event(const EngineEvent& event) {
  if (event.action != "die" && event.action != "oom" && event.action != "destroy") return;
  const auto label = event.attributes.find(label::kSandbox);
  if (label == event.attributes.end()) return;
  const auto found = living_.find(label->second);
  if (found == living_.end()) return;
  // "oom" may concern a process that survives; the end of the container is what counts.
  if (event.action == "oom") return;
  found->second->end(Ending{Reason::none, "the engine says: " + event.action});
}

}  // namespace carrel::sandbox
