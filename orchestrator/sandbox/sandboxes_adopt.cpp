// What an earlier daemon left: taken over where somebody still watches, removed where nobody does.
#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <set>

#include "orchestrator/lib/sodium/uuid.hpp"
#include "orchestrator/observe/log.hpp"
#include "orchestrator/observe/spawn.hpp"
#include "orchestrator/sandbox/control_channel.hpp"
#include "orchestrator/sandbox/labels.hpp"
#include "orchestrator/sandbox/sandboxes.hpp"
#include "streamer/protocol/message.hpp"

namespace carrel::sandbox {

namespace asio = boost::asio;

namespace {

constexpr int kRemoveTries = 100;
constexpr std::chrono::milliseconds kRemovePause{100};

std::string value_of(const Labels& labels, const char* key) {
  const auto found = labels.find(key);
  return found == labels.end() ? std::string() : found->second;
}

Identity identity_from(const ContainerState& container) {
  Identity identity;
  identity.instance = value_of(container.labels, label::kInstance);
  identity.sandbox = value_of(container.labels, label::kSandbox);
  identity.session = value_of(container.labels, label::kSession);
  identity.user = value_of(container.labels, label::kUser);
  identity.role = parse_role(value_of(container.labels, label::kRole));
  const std::string generation = value_of(container.labels, label::kGeneration);
  // Another generation speaks another protocol; nobody speaks to it, so its number does not matter.
  identity.generation = generation == std::to_string(protocol::kVersion) ? protocol::kVersion : 0;
  return identity;
}

/// The id comes from a label, so it is believed only if it looks like one of ours.
void remove_directory(const std::filesystem::path& run_directory, const std::string& sandbox) {
  if (!sodium::is_uuid(sandbox)) return;
  // Made if absent, so that the value's end removes it either way.
  const auto gone = ControlDirectory::make(run_directory / sandbox);
  static_cast<void>(gone);
}

}  // namespace

asio::awaitable<Result<void>> Sandboxes::adopt(
    std::function<std::optional<Claim>(const std::string& session)> claim_of) {
  claim_of_ = std::move(claim_of);
  Labels ours;
  ours.emplace(label::kInstance, options_.instance);
  const std::set<std::string> owned = living_ids();
  const Result<std::vector<ContainerState>> containers = co_await engine_.list(ours);
  if (containers.has_error()) co_return containers.error();

  std::set<std::string> seen;
  for (const ContainerState& container : *containers) {
    const Identity identity = identity_from(container);
    seen.insert(identity.sandbox);
    if (owned.contains(identity.sandbox) || living_.contains(identity.sandbox)) continue;
    if (is_usable_holder(container, identity)) {
      holder_.adopt(container.id, container_name(identity.sandbox));
      continue;
    }
    const bool could_serve = container.running && identity.role == Role::streamer &&
                             identity.generation == protocol::kVersion && !identity.session.empty();
    const auto claim = could_serve ? claim_of_(identity.session) : std::nullopt;
    if (claim && !by_session_.contains(identity.session)) {
      take_over(*claim, container, identity);
      if (container.paused) {
        // Frozen it could not find the new socket.
        const Result<void> resumed = co_await engine_.unpause(container.id);
        static_cast<void>(resumed);  // then it does not say hello, and is replaced
      }
      continue;
    }
    if (ends_by_itself(container, identity)) {
      log::info("sandbox.left_to_end", {{"sandbox", identity.sandbox}, {"session", identity.session}});
      left_to_end_.emplace(identity.sandbox, identity.session);
      continue;
    }
    std::string why = "nobody's any more";
    const Result<void> removed = co_await remove_left_over(identity, container.id, std::move(why));
    if (removed.has_error()) co_return removed.error();
  }

  Result<std::vector<JournalEntry>> known = co_await journal_.unfinished();
  if (known.has_error()) co_return known.error();
  for (JournalEntry& entry : *known) {
    if (seen.contains(entry.identity.sandbox) || living_.contains(entry.identity.sandbox)) continue;
    entry.state = State::removed;
    entry.reason = Reason::engine_lost;
    remove_directory(options_.run_directory, entry.identity.sandbox);
    JournalEntry gone = entry;
    const Result<void> noted = co_await journal_.record(std::move(gone));
    if (noted.has_error()) co_return noted.error();
  }

  if (!events_) {
    auto on_event = [this](EngineEvent event) { on_engine_event(event); };
    auto on_gap = [this] { check_all(); };
    events_ = engine_.events(ours, on_event, on_gap);
  }
  if (options_.share_network) {
    const Result<std::string> image = co_await current_image();
    if (image.has_value()) co_await keep_holder();
  }
  adopted_.set(true);
  refill_pool();
  co_return Result<void>();
}

/// Those that have an owner before a list is asked for: the owners may remove them while somebody goes
/// through a list that still has them.
std::set<std::string> Sandboxes::living_ids() const {
  std::set<std::string> ids;
  for (const auto& [id, sandbox] : living_) ids.insert(id);
  return ids;
}

bool Sandboxes::is_usable_holder(const ContainerState& container, const Identity& identity) const {
  return container.running && identity.role == Role::holder && identity.generation == protocol::kVersion &&
         options_.share_network && (holder_.container().empty() || holder_.is(container.id));
}

bool Sandboxes::ends_by_itself(const ContainerState& container, const Identity& identity) const {
  return container.running && !container.paused && identity.role == Role::streamer &&
         identity.generation != protocol::kVersion && claim_of_(identity.session).has_value();
}

void Sandboxes::take_over(const Claim& claim, const ContainerState& container, Identity identity) {
  const SessionLimits limits = limits_of(claim);
  // A warm one has no user in its labels.
  identity.user = claim.user;
  pacer_.limit(claim.session, limits.bandwidth);
  const auto sandbox = launch(std::move(identity), container.id, limits);
  sandbox->expect_earlier_answers();
  sandbox->set_image(container.image_id);
  by_session_.emplace(claim.session, sandbox);
  spawn(executor_, limit_taken_over(sandbox, limits), "limiting a sandbox of an earlier daemon");
}

/// Its container may have what an administrator gave it alone, or what the settings were before.
asio::awaitable<void> Sandboxes::limit_taken_over(Living sandbox, SessionLimits limits) {
  const bool settled = co_await sandbox->settled().wait_until(Clock::time_point::max());
  if (!settled) co_return;
  // An upgrade takes over all there are: no more at once than are started at once.
  const Gate::Permit turn = co_await starts_.enter();
  // Who has changed them since has told the engine, too.
  if (sandbox->ending().is_set() || sandbox->limits() != limits) co_return;
  co_await apply_session_limits(sandbox, limits);
}

asio::awaitable<Result<std::size_t>> Sandboxes::remove_all() {
  Labels ours;
  ours.emplace(label::kInstance, options_.instance);
  const Result<std::vector<ContainerState>> containers = co_await engine_.list(ours);
  if (containers.has_error()) co_return containers.error();
  for (const ContainerState& container : *containers) {
    const Identity identity = identity_from(container);
    std::string why = "everything is removed";
    const Result<void> removed = co_await remove_left_over(identity, container.id, std::move(why));
    if (removed.has_error()) co_return removed.error();
  }
  co_return containers->size();
}

asio::awaitable<Result<void>> Sandboxes::remove_left_over(Identity identity, std::string container,
                                                          std::string why) {
  left_to_end_.erase(identity.sandbox);
  Result<void> removed = co_await engine_.remove(container);
  // Busy: the engine is at it already, on somebody else's word.
  for (int tries = 1; tries < kRemoveTries && removed.has_error() && removed.error().kind == ErrorKind::busy;
       ++tries) {
    asio::steady_timer timer(executor_, kRemovePause);
    co_await timer.async_wait(asio::use_awaitable);
    Result<void> again = co_await engine_.remove(container);
    removed = std::move(again);
  }
  if (removed.has_error()) co_return removed.error();
  remove_directory(options_.run_directory, identity.sandbox);
  if (observer_.on_left_over) observer_.on_left_over(identity, why);
  JournalEntry entry{identity, State::removed, Reason::shutdown, container, std::move(why)};
  const Result<void> noted = co_await journal_.record(std::move(entry));
  co_return noted;
}

void Sandboxes::check_all() {
  spawn(executor_, compare_with_engine(), "comparing sandboxes with the engine");
}

asio::awaitable<void> Sandboxes::compare_with_engine() {
  // Only those that were alive before the list was asked for can be missed in it.
  std::vector<std::shared_ptr<Sandbox>> before;
  for (const auto& [id, sandbox] : living_) {
    const State state = sandbox->state();
    if (state == State::ready || state == State::assigned || state == State::paused)
      before.push_back(sandbox);
  }
  const std::string holder = holder_.container();
  Labels ours;
  ours.emplace(label::kInstance, options_.instance);
  const Result<std::vector<ContainerState>> containers = co_await engine_.list(ours);
  if (containers.has_error()) co_return;
  const bool holds = std::ranges::any_of(
      *containers, [&](const ContainerState& one) { return one.id == holder && one.running; });
  if (!holds && holder_.is(holder)) holder_.lost();
  for (const auto& sandbox : before) {
    const bool runs = std::ranges::any_of(*containers, [&](const ContainerState& container) {
      return container.id == sandbox->container_id() && container.running;
    });
    if (!runs) sandbox->end(Ending{Reason::none, "the engine does not list it as running"});
  }
  // Such as one whose creation the engine finished after its deadline.
  const Result<std::vector<LeftOver>> removed = co_await collect_left_over(false, kLeftOverGrace);
  static_cast<void>(removed);  // the next look tries again
}

asio::awaitable<Result<std::vector<LeftOver>>> Sandboxes::collect_left_over(bool dry_run,
                                                                            std::chrono::seconds grace) {
  // Before adoption nothing is known to be anybody's.
  if (!adopted_.is_set())
    co_return make_error(ErrorKind::unavailable, "what an earlier daemon left is not known yet; see /readyz");
  Labels ours;
  ours.emplace(label::kInstance, options_.instance);
  const std::set<std::string> owned = living_ids();
  const Result<std::vector<ContainerState>> containers = co_await engine_.list(ours);
  if (containers.has_error()) co_return containers.error();
  std::vector<LeftOver> found;
  std::map<std::string, std::string> left_to_end;
  for (const ContainerState& container : *containers) {
    const Identity identity = identity_from(container);
    const bool young = container.created_at > unix_now() - grace.count();
    const bool claimed = owned.contains(identity.sandbox) || living_.contains(identity.sandbox);
    if (claimed || holder_.is(container.id) || young) continue;
    if (identity.role == Role::holder && holder_.container().empty()) continue;  // one is being made
    LeftOver left{container.id, identity.sandbox, container.running ? "nobody's" : "dead, and nobody's",
                  false};
    const bool ends = ends_by_itself(container, identity);
    if (ends) left.reason = "of an earlier release; it leaves when it has sent what it is sending";
    const bool stays = ends && grace.count() > 0;
    if (stays) left_to_end.emplace(identity.sandbox, identity.session);
    if (!dry_run && !stays) {
      const Result<void> removed = co_await remove_left_over(identity, container.id, left.reason);
      left.removed = removed.has_value();
    }
    found.push_back(std::move(left));
  }
  left_to_end_ = std::move(left_to_end);
  co_return found;
}

}  // namespace carrel::sandbox
