#include "model.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>

#include "orchestrator/sandbox/labels.hpp"
#include "streamer/protocol/channel.hpp"
#include "virtual_world.hpp"

namespace carrel::sandbox::fake {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t kMostSessions = 6;
constexpr std::size_t kRemembered = 60;

SandboxesOptions options_in(const std::filesystem::path& run_directory) {
  SandboxesOptions options;
  options.instance = "here";
  options.limits = {"image", 1 << 20, 0.5, 16, 64};
  options.run_directory = run_directory;
  options.max_total = 5;
  options.max_answers = 3;
  options.pool_size = 2;
  options.starts_at_once = 3;
  options.line_length = 2;
  options.line_wait = 1s;
  options.idle = {1s, 2s, 1s};
  options.reclaim_after = 1s;
  options.ping_every = 0s;
  options.hang_timeout = 0s;
  options.ready_timeout = 1s;
  options.breaker.first_pause = 1s;
  options.breaker.longest_pause = 1s;
  return options;
}

std::string sandbox_in(const std::string& name) {
  constexpr std::string_view prefix = "carrel-";
  return name.starts_with(prefix) ? name.substr(prefix.size()) : name;
}

}  // namespace

Model::Model(unsigned seed) : random_(seed) {
  begin_virtual_world(seed);
  journal_.on_record = [this](const JournalEntry& entry) {
    const Fault fault = journal_fault();
    check_entry(entry, fault.error && !fault.after);
    return fault;
  };
  engine_.on_call = [this](const std::string& call, const std::string& target) {
    check_call(call, target);
    return fault_of(call, target);
  };
  begin_daemon();
}

Model::~Model() {
  end_daemon();
}

void Model::end_daemon() {
  sandboxes_->leave();
  sandboxes_.reset();
  // What has timers goes before the loop, what the coroutines were to write to after it.
  answers_.clear();
  served_.reset();
  for (const auto& one : asked_) one->answer.reset();
  loop_.reset();
  asked_.clear();
  asking_ = false;
}

std::string Model::told() const {
  std::string all;
  for (const auto& one : happened_) all += one + "\n";
  if (!sandboxes_) return all;
  for (const auto& one : sandboxes_->living()) {
    all += one->identity().sandbox + " is " + std::string(to_string(one->state()));
    all += one->ending().is_set() ? ", going, of \"" : ", of \"";
    all += one->identity().user + "\"\n";
  }
  return all + std::to_string(sandboxes_->waiting()) + " wait, " + std::to_string(sandboxes_->pool().size) +
         " are to be warm, " + (sandboxes_->adopted() ? "" : "not ") + "adopted\n";
}

void Model::note(std::string what) {
  happened_.push_back(std::move(what));
  if (happened_.size() > kRemembered) happened_.erase(happened_.begin());
}

std::size_t Model::up_to(std::size_t most) {
  return std::uniform_int_distribution<std::size_t>(0, most - 1)(random_);
}

std::string Model::any_session() {
  if (sessions_.empty()) return "nobody";
  return *std::next(sessions_.begin(), static_cast<std::ptrdiff_t>(up_to(sessions_.size())));
}

std::string Model::any_container() {
  if (engine_.containers.empty()) return {};
  return std::next(engine_.containers.begin(), static_cast<std::ptrdiff_t>(up_to(engine_.containers.size())))
      ->first;
}

void Model::begin_daemon() {
  loop_ = std::make_unique<asio::io_context>();
  adopted_ = false;
  for (const auto& [sandbox, state] : tried_) inherited_.insert(sandbox);
  sandboxes_ = std::make_unique<Sandboxes>(loop_->get_executor(), engine_, journal_, options_in(run_.path()),
                                           Observer{});
}

void Model::crash_daemon() {
  note("the daemon crashes");
  end_daemon();
  engine_.on_event = {};
  begin_daemon();
  // Streamers see the end of their socket and come back; those that cannot are found out by their silence.
  for (auto& [id, container] : engine_.containers) {
    container.streamer.reset();
    container.asked.clear();
  }
}

void Model::log_in() {
  if (sessions_.size() >= kMostSessions) return;
  const std::string session = sandboxes_->propose_session();
  note("log in " + session);
  // No two logins may get the same sandbox.
  CHECK(proposed_.insert(session).second);
  sessions_.insert(session);
  sandboxes_->prepare({session, "user of " + session});
}

void Model::play() {
  const std::string session = any_session();
  if (!sessions_.contains(session) || asked_.size() > 20) return;
  note("play " + session);
  asked_.push_back(std::make_unique<Asked>(Asked{session, {}}));
  asio::co_spawn(*loop_, ask(sandboxes_.get(), Claim{session, "user of " + session}, &asked_.back()->answer),
                 asio::detached);
}

void Model::command() {
  const auto all = sandboxes_->living();
  const std::string id = all.empty() ? "nobody" : all[up_to(all.size())]->identity().sandbox;
  const auto spawn_it = [this](asio::awaitable<Result<void>> what) {
    asio::co_spawn(*loop_, std::move(what),
                   [](std::exception_ptr error, Result<void>) { CHECK_FALSE(error); });
  };
  const std::size_t which = up_to(8);
  note("command " + std::to_string(which) + " on " + id);
  switch (which) {
    case 0: static_cast<void>(sandboxes_->stop(id, std::chrono::seconds(up_to(2)))); break;
    case 1: static_cast<void>(sandboxes_->kill(id)); break;
    case 2: spawn_it(sandboxes_->pause(id)); break;
    case 3: spawn_it(sandboxes_->resume(id)); break;
    case 4: spawn_it(sandboxes_->limit(id, SessionLimits{2, 1 << 20, 1, 1000})); break;
    case 5: sandboxes_->resize_pool(up_to(4)); break;
    case 6: sandboxes_->drain_pool(Reason::admin); break;
    default:
      asio::co_spawn(*loop_, sandboxes_->compare_with_engine(),
                     [](std::exception_ptr error) { CHECK_FALSE(error); });
  }
}

void Model::hurt_a_streamer() {
  const std::string id = any_container();
  if (id.empty()) return;
  Container& container = engine_.containers.at(id);
  const std::size_t which = up_to(7);
  note("hurt " + std::to_string(which) + " " + container.spec.name);
  switch (which) {
    case 0:
    case 1:
      if (!container.running) return;
      engine_.die(id, 137, which == 1);
      // The engine may say so, or not.
      if (one_in(2)) engine_.tell("die", id);
      break;
    case 2: container.hangs = true; break;
    case 3:
      if (container.streamer) static_cast<void>(protocol::send(container.streamer.get(), protocol::Hello{}));
      break;
    case 4:
      if (container.streamer) {
        protocol::Done lie;
        lie.id = 999'999;
        static_cast<void>(protocol::send(container.streamer.get(), lie));
      }
      break;
    case 5:
      if (container.streamer)
        static_cast<void>(::send(container.streamer.get(), "nonsense", 8, MSG_DONTWAIT | MSG_NOSIGNAL));
      break;
    default: engine_.tell("destroy", id); engine_.containers.erase(id);
  }
}

void Model::streamer_works() {
  engine_.pump();
  for (auto& [id, container] : engine_.containers) {
    if (!container.running || container.paused || container.hangs) continue;
    if (!container.streamer && !container.spec.mounts.empty()) {
      static_cast<void>(engine_.connect_streamer(id));
      continue;
    }
    if (container.asked.empty() || !one_in(3)) continue;
    protocol::Done done;
    done.id = container.asked.back();
    container.asked.pop_back();
    static_cast<void>(protocol::send(container.streamer.get(), done));
  }
}

Fault Model::fault_of(const std::string& call, const std::string&) {
  Fault fault;
  if (!faults_) return fault;
  if (one_in(4)) fault.delay = std::chrono::milliseconds(1 + up_to(5));
  if (!one_in(12)) return fault;
  constexpr ErrorKind kinds[] = {ErrorKind::unavailable, ErrorKind::timeout, ErrorKind::internal};
  fault.error = make_error(kinds[up_to(3)], "the fake engine fails at " + call);
  if (call == "image" && one_in(2)) fault.error = make_error(ErrorKind::not_found, "No such image");
  fault.after = one_in(2);
  return fault;
}

Fault Model::journal_fault() {
  Fault fault;
  if (!faults_ || !one_in(25)) return fault;
  fault.error = make_error(ErrorKind::unavailable, "the fake journal cannot be written");
  fault.after = one_in(2);
  return fault;
}

void Model::check_call(const std::string& call, const std::string& target) {
  if (call == "list" || call == "image" || call == "inspect" || call == "unpause" || call == "update") return;
  std::string sandbox = sandbox_in(target);
  if (const auto found = engine_.containers.find(target); found != engine_.containers.end())
    sandbox = found->second.spec.labels.at(label::kSandbox);
  // A container has to go even when the journal cannot be written.
  const auto& said = call == "remove" ? tried_ : written_;
  const auto last = said.find(sandbox);
  if (last == said.end()) {
    // Gone from the engine already; its name is not known then.
    const bool known = call == "create" || engine_.containers.contains(target);
    CHECK_MESSAGE(!known, call << " of " << target << " was never written down");
    return;
  }
  const State state = last->second;
  INFO(call << " of " << sandbox << " in " << to_string(state));
  if (call == "create") CHECK((state == State::creating || state == State::starting));
  if (call == "start") CHECK((state == State::creating || state == State::starting));
  if (call == "pause") CHECK(state >= State::paused);
  const auto target_of = engine_.containers.find(target);
  const bool holder = target_of != engine_.containers.end() &&
                      target_of->second.spec.labels.at(label::kRole) == to_string(Role::holder);
  const bool ended = state == State::stopping || state == State::failed || state == State::removed;
  // A lost holder is removed like any left-over. A start that is tried again without the holder clears its
  // first container away.
  if (call == "remove") CHECK((ended || inherited_.contains(sandbox) || holder || state <= State::starting));
}

void Model::check_entry(const JournalEntry& entry, bool lost) {
  const std::string& sandbox = entry.identity.sandbox;
  const auto last = tried_.find(sandbox);
  INFO(sandbox << " " << to_string(entry.state));
  if (last == tried_.end()) {
    // One that was ended before its turn to be made came begins with its end.
    CHECK((entry.state < State::ready || entry.state >= State::stopping));
  } else if (!inherited_.contains(sandbox)) {
    INFO("after " << to_string(last->second));
    // A left-over's removal may be written by who made it and by who found it.
    CHECK((may_follow(last->second, entry.state) || entry.state == State::removed));
  }
  inherited_.erase(sandbox);
  tried_[sandbox] = entry.state;
  if (!lost) written_[sandbox] = entry.state;
}

void Model::check_all() {
  std::map<std::string, int> of_session;
  std::size_t nobodys = 0;
  for (const auto& sandbox : sandboxes_->living()) {
    const Identity& who = sandbox->identity();
    INFO(who.sandbox << " " << to_string(sandbox->state()) << " of " << who.session << " for " << who.user);
    const auto [known, fresh] = user_of_.emplace(who.sandbox, who.user);
    if (known->second.empty()) known->second = who.user;
    CHECK(known->second == who.user);
    if (sandbox->ending().is_set()) continue;
    CHECK(++of_session[who.session] == 1);
    if (who.user.empty()) {
      ++nobodys;
      continue;
    }
    CHECK(who.user == "user of " + who.session);
    CHECK(sessions_.contains(who.session));
    CHECK(sandboxes_->of_session(who.session) == sandbox);
  }
  CHECK(sandboxes_->pool().ready + sandboxes_->pool().starting == nobodys);
  std::erase_if(asked_, [&](const auto& one) {
    if (!one->answer) return false;
    if (one->answer->has_error()) return true;
    const auto sandbox = **one->answer;
    CHECK(sandbox->identity().session == one->session);
    if (!sessions_.contains(one->session)) CHECK(sandbox->ending().is_set());
    const UniqueFd film(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    const int descriptors[] = {film.get(), film.get()};
    const auto pending = sandbox->serve({}, "film of " + one->session, descriptors);
    if (pending.has_value()) answers_.push_back(*pending);
    return true;
  });
  std::erase_if(answers_, [](const auto& pending) { return pending->is_set(); });
}

void Model::adopt_if_due(bool now) {
  if (adopted_ || !now) return;
  auto lives = [this](const std::string& session) { return sessions_.contains(session); };
  auto claim_of = [lives](const std::string& session) -> std::optional<Claim> {
    return lives(session) ? std::optional(Claim{session, "user of " + session}) : std::nullopt;
  };
  adopted_ = true;
  asio::co_spawn(*loop_, sandboxes_->adopt(claim_of), [this](std::exception_ptr error, Result<void> done) {
    CHECK_FALSE(error);
    if (done.has_error()) adopted_ = false;
  });
}

void Model::step() {
  loop_->restart();
  adopt_if_due(one_in(3));
  const std::size_t what = up_to(100);
  if (what == 0) {
    let_pass(5ms);
  } else if (what < 12) {
    log_in();
  } else if (what < 20) {
    const std::string session = any_session();
    note("log out " + session);
    sessions_.erase(session);
    sandboxes_->end_session(session, one_in(2) ? Reason::logout : Reason::expired);
  } else if (what < 45) {
    play();
  } else if (what < 50) {
    command();
  } else if (what < 54) {
    hurt_a_streamer();
  } else if (what == 54) {
    engine_.image_id = "sha256:" + std::to_string(up_to(3));
  } else if (what == 55 && one_in(4)) {
    crash_daemon();
  } else if (what == 56) {
    note("a while passes");
    for (std::size_t ticks = up_to(30); ticks > 0; --ticks) tick();
  } else if (what < 70) {
    tick();
  } else {
    streamer_works();
    let_pass(1ms);
  }
  loop_->restart();
  loop_->poll();
  check_all();
}

void Model::let_pass(std::chrono::milliseconds time) {
  run_for(*loop_, time);
}

/// A tenth of a second of a daemon and of streamers that do their work.
void Model::tick() {
  streamer_works();
  loop_->restart();
  loop_->poll();
  sandboxes_->tend();
  let_pass(100ms);
}

bool Model::comes_true(const std::function<bool()>& what) {
  constexpr int kTicks = 3000;
  for (int ticks = 0; ticks < kTicks && !what(); ++ticks) {
    adopt_if_due(true);
    tick();
    check_all();
  }
  return what();
}

void Model::recover() {
  faults_ = false;
  note("all faults end");
  while (sessions_.size() > 2) {
    sandboxes_->end_session(*sessions_.begin(), Reason::logout);
    sessions_.erase(sessions_.begin());
  }
  sandboxes_->resize_pool(2);
  const bool full = comes_true([&] { return sandboxes_->adopted() && sandboxes_->pool().ready == 2; });
  CHECK_MESSAGE(full, "the pool is full again; " << told());
  for (const auto& session : sessions_) {
    INFO(session);
    std::erase_if(asked_, [](const auto& one) { return one->answer.has_value(); });
    answers_.clear();
    served_.reset();
    const bool served = comes_true([&] {
      // Who is refused comes back.
      const bool asks = !served_ || served_->has_error();
      if (asks && !asking_) {
        asking_ = true;
        served_.reset();
        asio::co_spawn(*loop_, ask(sandboxes_.get(), Claim{session, "user of " + session}, &served_),
                       [this](std::exception_ptr error) {
                         CHECK_FALSE(error);
                         asking_ = false;
                       });
      }
      return served_ && served_->has_value();
    });
    CHECK_MESSAGE(served, "everybody who is logged in is served");
  }
}

void Model::settle() {
  recover();
  for (const auto& session : sessions_) sandboxes_->end_session(session, Reason::logout);
  sessions_.clear();
  crash_daemon();
  REQUIRE(comes_true([&] { return sandboxes_->adopted(); }));
  sandboxes_->resize_pool(0);
  CHECK(comes_true([&] { return sandboxes_->living().empty(); }));
  // What is left is the holder; each sandbox took its container along.
  std::size_t left = 0;
  for (const auto& [id, container] : engine_.containers) {
    INFO(container.spec.name);
    CHECK(container.spec.labels.at(label::kRole) == to_string(Role::holder));
    ++left;
  }
  CHECK(left <= 1);
  bool removed = false;
  asio::co_spawn(*loop_, sandboxes_->remove_all(),
                 [&](std::exception_ptr, const Result<std::size_t>& count) { removed = count.has_value(); });
  for (int turns = 0; turns < 1000 && !removed; ++turns) let_pass(1ms);
  CHECK(removed);
  CHECK(engine_.containers.empty());
  CHECK(std::filesystem::is_empty(run_.path()));
  for (const auto& [sandbox, state] : written_) {
    INFO(sandbox);
    CHECK(to_string(state) == to_string(State::removed));
  }
  // No coroutine waits for anything any more.
  sandboxes_->leave();
  let_pass(5s);
  CHECK(loop_->stopped());
}

}  // namespace carrel::sandbox::fake
