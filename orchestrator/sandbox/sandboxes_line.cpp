// Who gets a place: bounds, the host's budget, and the line of those who wait.
#include <algorithm>
#include <utility>

#include "orchestrator/sandbox/sandboxes.hpp"

namespace carrel::sandbox {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds kComeBack{3};

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
    const Result<void> place = room(limits);
    const auto position = line_.stand(claim.session, Clock::now());
    std::string why = place.has_error() ? place.error().message : "others came before";
    if (!position) {
      co_return Refusal(make_error(ErrorKind::busy, why + "; and " + std::to_string(options_.line_length) +
                                                        " others wait already"),
                        Refusal::Why::full, options_.line_wait * 2);
    }
    if (observer_.on_waiting && line_.is_news(claim.session, *position))
      observer_.on_waiting(claim, *position);
    if (Clock::now() >= deadline) {
      Refusal refusal(make_error(ErrorKind::busy, std::move(why)), Refusal::Why::full, kComeBack);
      refusal.position = *position;
      co_return refusal;
    }
    const auto freed = changed_;
    const bool changed = co_await freed->wait_until(deadline);
    static_cast<void>(changed);
  }
}

Result<void> Sandboxes::place_for(const Claim& claim) {
  const auto limits = limits_of(claim);
  if (room(limits).has_value()) return {};
  // What one that is going leaves is not seen yet; another one need not go for it.
  const bool one_is_going =
      std::ranges::any_of(living_, [](const auto& one) { return one.second->ending().is_set(); });
  if (one_is_going) return room(limits);
  give_up_a_warm_one();
  if (room(limits).has_value()) return {};
  reclaim_an_idle_one();
  return room(limits);
}

Result<void> Sandboxes::room(const SessionLimits& newcomer) const {
  std::size_t ending = 0;
  Promised promised{newcomer.cpus, newcomer.memory_bytes};
  for (const auto& [id, sandbox] : living_) {
    if (sandbox->ending().is_set()) {
      ++ending;
      continue;
    }
    promised.cpus += sandbox->limits().cpus;
    promised.memory_bytes += sandbox->limits().memory_bytes;
  }
  if (living_.size() - ending >= options_.max_total) {
    return make_error(ErrorKind::busy,
                      "all " + std::to_string(options_.max_total) + " booths are taken (sandbox.max_total)");
  }
  // One that ends makes room for its successor at once, but an engine that removes nothing must not let them
  // pile up.
  if (living_.size() >= 2 * options_.max_total) {
    return make_error(ErrorKind::unavailable, "the container engine has yet to remove " +
                                                  std::to_string(ending) +
                                                  " booths that ended; see /readyz for its state");
  }
  const auto available = options_.budget.memory_reserve > 0 ? read_available_memory() : std::nullopt;
  return fits(options_.budget, promised, available);
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
