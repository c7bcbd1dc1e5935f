// Who gets a place: bounds, the host's budget, and the line of those who wait.
#include <algorithm>
#include <utility>

#include "orchestrator/sandbox/sandboxes.hpp"

namespace carrel::sandbox {

namespace asio = boost::asio;

namespace {

Refusal refusal_of(const Breaker::Open& open) {
  return Refusal(make_error(ErrorKind::unavailable, "your booth broke down several times in a row (" +
                                                        open.why + "); it is tried again in " +
                                                        std::to_string(open.retry_after.count()) + " s"),
                 Refusal::Why::user_crashes, open.retry_after);
}

}  // namespace

asio::awaitable<Granted<std::shared_ptr<Sandbox>>> Sandboxes::wait_in_line(
    Claim claim, Clock::time_point deadline, std::shared_ptr<const bool> ended) {
  for (;;) {
    if (*ended) co_return Refusal(make_error(ErrorKind::unavailable, "the session ended while it waited"));
    prepare(claim);
    if (const auto sandbox = of_session(claim.session)) co_return sandbox;
    if (const auto open = users_.open(claim.user, Clock::now())) {
      line_.leave(claim.session);
      co_return refusal_of(*open);
    }
    const SessionLimits limits = limits_of(claim);
    const Result<void> ever = fits(options_.budget, Promised{limits.cpus, limits.memory_bytes}, std::nullopt);
    if (ever.has_error()) {
      // It would hold up everybody behind it.
      line_.leave(claim.session);
      co_return Refusal(ever.error());
    }
    const auto position = line_.stand(claim.session, Clock::now());
    if (!position) co_return refusal_for(limits, position);
    if (observer_.on_waiting && line_.is_news(claim.session, *position))
      observer_.on_waiting(claim, *position);
    if (Clock::now() >= deadline) co_return refusal_for(limits, position);
    const auto freed = changed_;
    const bool changed = co_await freed->wait_until(deadline);
    static_cast<void>(changed);
  }
}

/// Why there is no place. Without a position: not even in the line.
Refusal Sandboxes::refusal_for(const SessionLimits& newcomer, std::optional<std::size_t> position) {
  Result<void> place = one_more_session();
  if (place.has_value()) place = room(newcomer);
  std::string why = place.has_error() ? place.error().message : "others came before";
  if (!position) why += "; and " + std::to_string(options_.line_length) + " others wait already";
  Refusal refusal(make_error(ErrorKind::busy, std::move(why)), Refusal::Why::full,
                  position ? options_.come_back : options_.line_wait * 2);
  refusal.position = position.value_or(0);
  return refusal;
}

Result<void> Sandboxes::one_more_session() const {
  if (options_.max_sessions == 0) return {};
  const auto lives = [](const auto& one) { return !one.second->ending().is_set(); };
  if (static_cast<std::size_t>(std::ranges::count_if(by_session_, lives)) < options_.max_sessions) return {};
  return make_error(ErrorKind::busy, "all " + std::to_string(options_.max_sessions) +
                                         " places for viewers are taken (admission.viewers)");
}

Result<void> Sandboxes::make_way() {
  if (one_more_session().has_error() && shedding_.empty()) reclaim_an_idle_one();
  return one_more_session();
}

/// It is there already, so it takes no place but a viewer's, where these are counted.
bool Sandboxes::may_claim_warm(const Claim& claim) {
  if (options_.max_sessions == 0) return true;
  return line_.may_go(claim.session, Clock::now()) && make_way().has_value();
}

Result<void> Sandboxes::place_for(const Claim& claim) {
  Result<void> session = make_way();
  if (session.has_error()) return session;
  const auto limits = limits_of(claim);
  const Census census = count_living();
  Result<void> now = room(limits, census);
  // What one that is going leaves is not seen yet; another one need not go for it.
  // Nor would its place help while none is started.
  if (now.has_value() || census.ending > 0 || !shedding_.empty()) return now;
  give_up_a_warm_one();
  if (room(limits).has_value()) return {};
  reclaim_an_idle_one();
  return room(limits);
}

Sandboxes::Census Sandboxes::count_living() const {
  Census census;
  for (const auto& [id, sandbox] : living_) {
    if (sandbox->ending().is_set()) {
      ++census.ending;
      continue;
    }
    census.promised.cpus += sandbox->limits().cpus;
    census.promised.memory_bytes += sandbox->limits().memory_bytes;
  }
  return census;
}

Result<void> Sandboxes::room(const SessionLimits& newcomer, const Census& census) {
  const Promised promised{census.promised.cpus + newcomer.cpus,
                          census.promised.memory_bytes + newcomer.memory_bytes};
  if (!shedding_.empty()) return make_error(ErrorKind::busy, shedding_);
  if (living_.size() - census.ending >= options_.max_total) {
    return make_error(ErrorKind::busy,
                      "all " + std::to_string(options_.max_total) + " booths are taken (sandbox.max_total)");
  }
  // One that ends makes room for its successor at once, but an engine that removes nothing must not let them
  // pile up.
  if (living_.size() >= 2 * options_.max_total) {
    return make_error(ErrorKind::unavailable, "the container engine has yet to remove " +
                                                  std::to_string(census.ending) +
                                                  " booths that ended; see /readyz for its state");
  }
  const auto available = options_.budget.memory_reserve > 0 ? options_.memory.bytes() : std::nullopt;
  return fits(options_.budget, promised, available);
}

void Sandboxes::shed(std::string why) {
  shedding_ = std::move(why);
  if (shedding_.empty()) note_change();
}

void Sandboxes::note_change() {
  const auto waiting = std::exchange(changed_, std::make_shared<OneShot<bool>>(executor_));
  waiting->set(true);
}

void Sandboxes::give_up_a_warm_one() {
  for (const auto& [session, sandbox] : warm_) {
    if (offered_.contains(session) || sandbox->ending().is_set()) continue;
    sandbox->end(Ending{Reason::admin, "a session needs its place"});
    return;
  }
}

void Sandboxes::reclaim_an_idle_one() {
  const auto now = Clock::now();
  Living longest;
  for (const auto& [session, sandbox] : by_session_) {
    const bool unused = sandbox->answers() == 0 && !sandbox->ending().is_set() &&
                        now - sandbox->last_touch().when >= options_.reclaim_after;
    if (unused && (!longest || sandbox->last_touch().when < longest->last_touch().when)) longest = sandbox;
  }
  if (longest)
    longest->end(Ending{Reason::idle, "somebody waits for a place, and nobody used this one for longest"});
}

}  // namespace carrel::sandbox
