#include "orchestrator/sandbox/sandboxes.hpp"

#include <algorithm>
#include <utility>

#include "orchestrator/lib/sodium/uuid.hpp"
#include "orchestrator/observe/spawn.hpp"
#include "orchestrator/sandbox/labels.hpp"
#include "streamer/protocol/message.hpp"

namespace carrel::sandbox {

namespace asio = boost::asio;

namespace {

/// A film breaks for the one in whose sandboxes it broke; for everybody only when it broke with several, so
/// that nobody can take it from others by crashing on purpose.
std::string film_of(const std::string& user, const std::string& film) {
  return user + '/' + film;
}

}  // namespace

Sandboxes::Sandboxes(asio::any_io_executor executor, Engine& engine, Journal& journal,
                     SandboxesOptions options, Observer observer)
    : executor_(std::move(executor)),
      engine_(engine),
      journal_(journal),
      options_(std::move(options)),
      observer_(std::move(observer)),
      adopted_(executor_),
      holder_(engine_, journal_, options_.instance, options_.refills),
      starts_(executor_, options_.starts_at_once),
      pacer_(options_.link_bandwidth),
      line_(options_.line_length, options_.come_back * 2, options_.line_wait * 4),
      changed_(std::make_shared<OneShot<bool>>(executor_)),
      users_(options_.breaker),
      films_(options_.breaker),
      refills_(options_.refills) {}

std::string Sandboxes::propose_session() {
  if (one_more_session().has_error()) return sodium::make_uuid_v7();
  for (const auto& [session, sandbox] : warm_) {
    const bool free = sandbox->state() == State::ready && !sandbox->ending().is_set();
    if (free && offered_.insert(session).second) return session;
  }
  return sodium::make_uuid_v7();
}

void Sandboxes::prepare(const Claim& claim) {
  if (const auto mine = by_session_.find(claim.session); mine != by_session_.end()) {
    if (!mine->second->ending().is_set()) return;
    by_session_.erase(mine);
  }
  const auto warm = warm_.find(claim.session);
  if (warm != warm_.end() && !warm->second->ending().is_set() && may_claim_warm(claim)) {
    const auto sandbox = warm->second;
    if (users_.open(claim.user, Clock::now())) {
      sandbox->end(Ending{Reason::admin, "its user's sandboxes break down"});
      return;
    }
    warm_.erase(warm);
    offered_.erase(claim.session);
    line_.leave(claim.session);
    sandbox->assign_user(claim.user);
    by_session_.emplace(claim.session, sandbox);
    limit_session(claim.session, limits_of(claim));
    spawn(executor_, claim_warm(sandbox), "assigning a warm sandbox");
    refill_pool();
    return;
  }
  if (!adopted_.is_set() || users_.open(claim.user, Clock::now())) return;
  if (!line_.may_go(claim.session, Clock::now()) || place_for(claim).has_error()) return;
  line_.leave(claim.session);
  const auto limits = limits_of(claim);
  pacer_.limit(claim.session, limits.bandwidth);
  const auto identity = new_identity(Role::streamer, claim.session, claim.user);
  by_session_.emplace(claim.session, launch(identity, {}, limits));
}

asio::awaitable<Granted<std::shared_ptr<Sandbox>>> Sandboxes::ready_for(Claim claim) {
  const auto asked = Clock::now();
  const auto ended = watch_for_end(claim.session);
  const bool engine_answered = co_await adopted_.wait_until(asked + options_.ready_timeout);
  if (!engine_answered) {
    co_return Refusal(make_error(ErrorKind::unavailable,
                                 "the container engine does not answer: " + engine_.health().message));
  }
  const auto line_deadline = Clock::now() + options_.line_wait;
  const Granted<Living> given = co_await wait_in_line(claim, line_deadline, ended);
  if (given.has_error()) co_return given.error();
  const Living sandbox = *given;
  const auto deadline = Clock::now() + options_.ready_timeout;
  const bool settled = co_await sandbox->settled().wait_until(deadline);
  if (!settled) {
    co_return Refusal(make_error(ErrorKind::timeout, "the container engine took more than " +
                                                         std::to_string(options_.ready_timeout.count()) +
                                                         " s to start a booth"));
  }
  const auto& result = *sandbox->settled().value();
  if (result.has_error()) co_return Refusal(result.error());
  const Result<void> runs = co_await thaw(sandbox);
  if (runs.has_error()) co_return Refusal(runs.error());
  co_return sandbox;
}

std::optional<Breaker::Open> Sandboxes::film_broken(const Claim& claim, const std::string& film) const {
  const auto now = Clock::now();
  const auto mine = films_.open(film_of(claim.user, film), now);
  return mine ? mine : films_.open(film, now);
}

std::size_t Sandboxes::breakers_open() const {
  const auto now = Clock::now();
  return users_.open_count(now) + films_.open_count(now);
}

void Sandboxes::note_acknowledged(Sandbox& sandbox, std::uint64_t bytes) {
  sandbox.acknowledged(bytes);
  acknowledged_ += bytes;
  sandbox.touch("its viewer received film");
  if (observer_.on_acknowledged) observer_.on_acknowledged(bytes);
  // Whoever reads again what was queued before the pause needs the rest soon.
  if (sandbox.state() == State::paused && !sandbox.freezing)
    spawn(executor_, thaw_for_reader(sandbox.shared_from_this()), "resuming for a client that reads again");
}

void Sandboxes::note_crash(const Sandbox& sandbox, const Ending& why) {
  if (sandbox.identity().role != Role::streamer || !is_crash(why.reason)) return;
  const auto now = Clock::now();
  const std::string what(to_string(why.reason));
  if (!sandbox.identity().user.empty()) users_.crashed(sandbox.identity().user, what, now);
  for (const auto& film : sandbox.films_lost()) {
    const std::string mine = film_of(sandbox.identity().user, film);
    if (!films_.crashed_lately(mine, now)) films_.crashed(film, what, now);
    films_.crashed(mine, what, now);
  }
}

void Sandboxes::end_session(const std::string& session, Reason reason) {
  line_.leave(session);
  pacer_.limit(session, 0);
  if (const auto waiting = asking_.find(session); waiting != asking_.end()) {
    if (const auto ended = waiting->second.lock()) *ended = true;
    asking_.erase(waiting);
    note_change();
  }
  if (std::ranges::any_of(left_to_end_, [&](const auto& one) { return one.second == session; })) check_all();
  if (const auto warm = warm_.find(session); warm != warm_.end() && offered_.contains(session)) {
    // It was this session's to claim, and nobody else can.
    const auto unclaimed = warm->second;
    unclaimed->end(Ending{reason, {}});
  }
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

std::shared_ptr<Sandbox> Sandboxes::by_id(std::string_view id) const {
  const auto found = living_.find(id);
  return found == living_.end() ? nullptr : found->second;
}

void Sandboxes::leave() {
  leaving_ = true;
  events_.reset();
  for (const auto& [id, sandbox] : living_) sandbox->close_control(true);
}

std::shared_ptr<Sandbox> Sandboxes::launch(Identity identity, std::string existing_container,
                                           const SessionLimits& limits) {
  auto sandbox = std::make_shared<Sandbox>(executor_, std::move(identity), limits);
  sandbox->set_container(std::move(existing_container));
  const Identity& who = sandbox->identity();
  living_.emplace(who.sandbox, sandbox);
  // Before its life begins, which may be over before this function is; it would stay in the pool for ever.
  if (who.role == Role::streamer && who.user.empty()) warm_.emplace(who.session, sandbox);
  spawn(executor_, live(sandbox), "the life of a sandbox");
  return sandbox;
}

std::shared_ptr<const bool> Sandboxes::watch_for_end(const std::string& session) {
  std::weak_ptr<bool>& place = asking_[session];
  auto ended = place.lock();
  if (!ended) place = ended = std::make_shared<bool>(false);
  return ended;
}

SessionLimits Sandboxes::limits_of(const Claim& claim) const {
  return with_defaults(claim.limits.value_or(SessionLimits{}));
}

SessionLimits Sandboxes::with_defaults(SessionLimits limits) const {
  if (limits.streams == 0) limits.streams = options_.max_answers;
  if (limits.memory_bytes == 0) limits.memory_bytes = options_.limits.memory_bytes;
  if (limits.cpus <= 0) limits.cpus = options_.limits.cpus;
  return limits;
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
  if (event.action != "die" && event.action != "destroy") return;
  if (holder_.is(event.container_id)) holder_.lost();
  const auto label = event.attributes.find(label::kSandbox);
  if (label == event.attributes.end()) return;
  if (left_to_end_.erase(label->second) > 0) check_all();
  const auto found = living_.find(label->second);
  // A start that is tried again has cleared its first container away.
  if (found == living_.end() || found->second->container_id() != event.container_id) return;
  const auto sandbox = found->second;
  sandbox->died("the engine says: " + event.action);
}

}  // namespace carrel::sandbox
