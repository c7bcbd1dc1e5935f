#include "orchestrator/sandbox/sampler.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "orchestrator/lib/asio/one_shot.hpp"
#include "orchestrator/observe/spawn.hpp"
#include "orchestrator/sandbox/sandboxes.hpp"

namespace carrel::sandbox {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

namespace {

/// What one visit to the sampler's thread brings back; `at` is the same place of what it was sent with.
struct Readings {
  std::vector<std::optional<cgroup::Usage>> usages;
  double seconds = 0;
};

Readings read_all(const cgroup::Hierarchy& hierarchy, const std::vector<cgroup::Location>& locations) {
  const auto began = Clock::now();
  Readings readings;
  readings.usages.reserve(locations.size());
  for (const cgroup::Location& location : locations) {
    const auto usage = hierarchy.read(location);
    readings.usages.push_back(usage.has_value() ? std::optional(*usage) : std::nullopt);
  }
  readings.seconds = std::chrono::duration<double>(Clock::now() - began).count();
  return readings;
}

/// One that is gone has no quota, and nothing is wrong then.
Result<void> give_burst(const cgroup::Hierarchy& hierarchy, const cgroup::Location& location, double share) {
  const auto quota = hierarchy.cpu_quota(location);
  if (quota.has_error()) return {};
  const auto burst = std::chrono::duration_cast<std::chrono::microseconds>(*quota * share);
  return hierarchy.set_cpu_burst(location, burst);
}

/// Then the others wait for the next look: each would take the engine's whole deadline.
bool engine_is_away(const Error& error) {
  return error.kind == ErrorKind::timeout || error.kind == ErrorKind::unavailable;
}

bool has_process(State state) {
  return state != State::planned && state != State::creating && state != State::starting &&
         state != State::stopping && state != State::removed && state != State::failed;
}

// Docker answers once a second at the earliest; asked one after the other, many sandboxes took minutes.
constexpr std::size_t kAskedAtOnce = 8;

}  // namespace

/// What the askers of one look share.
struct Sampler::Questions {
  explicit Questions(asio::any_io_executor executor) : asked(std::move(executor)) {}

  /// One who asks, while it does.
  class Asker {
   public:
    explicit Asker(Questions& questions) : questions_(questions) {}
    Asker(const Asker&) = delete;
    Asker& operator=(const Asker&) = delete;
    ~Asker() {
      if (--questions_.askers == 0) questions_.asked.set(true);
    }

   private:
    Questions& questions_;
  };

  std::vector<Running> open;
  std::size_t askers = 0;
  std::size_t answered = 0;
  OneShot<bool> asked;
};

std::vector<Running> running(const Sandboxes& sandboxes) {
  std::vector<Running> result;
  for (const auto& sandbox : sandboxes.living()) {
    if (has_process(sandbox->state())) {
      result.push_back({sandbox->identity().sandbox, sandbox->container_id()});
    }
  }
  return result;
}

Sampler::Sampler(asio::any_io_executor executor, Engine& engine, std::function<std::vector<Running>()> living,
                 Options options, SamplerObserver observer)
    : executor_(std::move(executor)),
      engine_(engine),
      living_(std::move(living)),
      options_(std::move(options)),
      observer_(std::move(observer)),
      timer_(executor_) {}

void Sampler::start() {
  spawn(executor_, run(), "measuring the sandboxes");
}

void Sampler::stop() {
  stopped_ = true;
  timer_.cancel();
}

std::optional<cgroup::Usage> Sampler::last(std::string_view sandbox) const {
  const auto found = tracked_.find(sandbox);
  return found == tracked_.end() ? std::nullopt : found->second.usage;
}

void Sampler::died_of_oom(std::string_view sandbox) {
  const auto found = tracked_.find(sandbox);
  if (found != tracked_.end()) {
    if (found->second.oom_kills > 0) return;
    found->second.oom_kills = 1;
  }
  if (observer_.on_oom_kills) observer_.on_oom_kills(1);
}

asio::awaitable<void> Sampler::run() {
  while (!stopped_) {
    co_await look();
    if (stopped_) break;
    timer_.expires_after(options_.every);
    auto ignored = co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
    static_cast<void>(ignored);
  }
}

asio::awaitable<void> Sampler::look() {
  if (!hierarchy_) co_await find_cgroups();
  follow_the_living();
  Round round;
  if (hierarchy_->has_value()) {
    co_await locate_new_ones();
    co_await read_cgroups(round);
  }
  co_await ask_engine(round);
  round.not_measured = tracked_.size() - round.from_kernel - round.from_engine;
  if (observer_.on_round) observer_.on_round(round);
}

asio::awaitable<void> Sampler::find_cgroups() {
  auto work = [find = options_.find] { return find(); };
  Result<cgroup::Hierarchy> found = co_await offload(thread_, std::move(work));
  if (hierarchy_) co_return;  // a look and a limit may both be the first to want it
  if (found.has_error() && observer_.on_error) observer_.on_error(found.error());
  hierarchy_.emplace(std::move(found));
}

void Sampler::follow_the_living() {
  Table staying;
  std::vector<Running> fresh;
  for (Running& one : living_()) {
    auto known = tracked_.extract(one.sandbox);
    if (known.empty()) {
      fresh.push_back(std::move(one));
    } else {
      staying.insert(std::move(known));
    }
  }
  for (const auto& [sandbox, gone] : tracked_) {
    slots_.give_back(gone.slot);
    if (observer_.on_gone) observer_.on_gone(gone.slot);
  }
  tracked_ = std::move(staying);
  // Only now, so that those who come get the places of those who went.
  for (Running& one : fresh) {
    Tracked tracked;
    tracked.container = std::move(one.container);
    tracked.slot = slots_.take();
    tracked_.emplace(std::move(one.sandbox), std::move(tracked));
  }
}

asio::awaitable<void> Sampler::locate_new_ones() {
  for (auto& [sandbox, one] : tracked_) {
    if (one.asked) continue;
    const Result<ContainerState> state = co_await engine_.inspect(one.container);
    if (state.has_error()) {
      if (engine_is_away(state.error())) co_return;
      continue;
    }
    one.asked = true;
    const Result<cgroup::Location> found = co_await locate(state->pid, one.container);
    if (found.has_error()) continue;
    one.location = *found;
    // Also where there is to be none: an earlier daemon may have granted one.
    if (!withheld_.contains(sandbox)) co_await set_burst(*found, options_.cpu_burst);
  }
}

asio::awaitable<Result<cgroup::Location>> Sampler::locate(std::int64_t pid, std::string container) {
  auto work = [hierarchy = **hierarchy_, pid, container = std::move(container)] {
    return hierarchy.locate(pid, container);
  };
  Result<cgroup::Location> found = co_await offload(thread_, std::move(work));
  co_return found;
}

asio::awaitable<std::optional<cgroup::Location>> Sampler::location_of(std::string sandbox) {
  const auto known = tracked_.find(sandbox);
  if (known != tracked_.end() && known->second.location) co_return known->second.location;
  if (!hierarchy_) co_await find_cgroups();
  const std::vector<Running> all = living_();
  const auto one = std::ranges::find(all, sandbox, &Running::sandbox);
  if (one == all.end() || hierarchy_->has_error()) co_return std::nullopt;
  const Result<ContainerState> state = co_await engine_.inspect(one->container);
  if (state.has_error()) co_return std::nullopt;
  const Result<cgroup::Location> found = co_await locate(state->pid, one->container);
  if (found.has_error()) co_return std::nullopt;
  co_return *found;
}

asio::awaitable<void> Sampler::withhold(std::string sandbox) {
  withheld_.insert(sandbox);
  const std::optional<cgroup::Location> location = co_await location_of(std::move(sandbox));
  if (location) co_await set_burst(*location, 0);
}

asio::awaitable<void> Sampler::grant(std::string sandbox) {
  withheld_.erase(sandbox);
  const auto found = tracked_.find(sandbox);
  // The look that finds it grants it, too.
  if (found == tracked_.end() || !found->second.location) co_return;
  co_await set_burst(*found->second.location, options_.cpu_burst);
}

/// The thread does one thing after the other, so that what was asked for last holds.
asio::awaitable<void> Sampler::set_burst(cgroup::Location location, double share) {
  auto work = [hierarchy = **hierarchy_, location = std::move(location), share] {
    return give_burst(hierarchy, location, share);
  };
  const Result<void> done = co_await offload(thread_, std::move(work));
  if (done.has_value() || share <= 0 || std::exchange(burst_refused_, true)) co_return;
  if (observer_.on_burst_error) observer_.on_burst_error(done.error());
}

asio::awaitable<void> Sampler::read_cgroups(Round& round) {
  std::vector<std::string> sandboxes;
  std::vector<cgroup::Location> locations;
  for (const auto& [sandbox, one] : tracked_) {
    if (!one.location) continue;
    sandboxes.push_back(sandbox);
    locations.push_back(*one.location);
  }
  auto work = [hierarchy = **hierarchy_, locations = std::move(locations)]() -> Result<Readings> {
    return read_all(hierarchy, locations);
  };
  const Result<Readings> readings = co_await offload(thread_, std::move(work));
  if (readings.has_error()) co_return;
  round.seconds = readings->seconds;
  for (std::size_t at = 0; at < sandboxes.size(); ++at) {
    if (!readings->usages[at]) continue;
    ++round.from_kernel;
    take(sandboxes[at], *readings->usages[at]);
  }
}

asio::awaitable<void> Sampler::ask_engine(Round& round) {
  const auto questions = std::make_shared<Questions>(executor_);
  for (const auto& [sandbox, one] : tracked_) {
    // Whose files could be read once has ended when they cannot be any more.
    if (one.location || (hierarchy_->has_value() && !one.asked)) continue;
    questions->open.push_back({sandbox, one.container});
  }
  if (questions->open.empty()) co_return;
  const std::size_t askers = std::min(kAskedAtOnce, questions->open.size());
  questions->askers = askers;
  for (std::size_t asker = 0; asker < askers; ++asker) {
    spawn(executor_, ask_in_turn(questions), "asking the engine what sandboxes use");
  }
  const bool asked = co_await questions->asked.wait_until(Clock::time_point::max());
  static_cast<void>(asked);
  round.from_engine = questions->answered;
}

asio::awaitable<void> Sampler::ask_in_turn(std::shared_ptr<Questions> questions) {
  const Questions::Asker here(*questions);
  while (!questions->open.empty()) {
    const Running one = std::move(questions->open.back());
    questions->open.pop_back();
    const Result<cgroup::Usage> usage = co_await engine_.stats(one.container);
    if (usage.has_value()) {
      ++questions->answered;
      take(one.sandbox, *usage);
    } else if (engine_is_away(usage.error())) {
      questions->open.clear();
    }
  }
}

void Sampler::take(const std::string& sandbox, const cgroup::Usage& usage) {
  Tracked& one = tracked_.at(sandbox);
  const std::uint64_t kills = usage.oom_kills.value_or(0);
  if (kills > one.oom_kills) {
    if (observer_.on_oom_kills) observer_.on_oom_kills(kills - one.oom_kills);
    one.oom_kills = kills;
  }
  one.usage = usage;
  if (observer_.on_sample) observer_.on_sample(one.slot, usage);
}

}  // namespace carrel::sandbox
