// What an administrator may do to sandboxes, and what is nobody's.
#include "fixture.hpp"
#include "orchestrator/sandbox/labels.hpp"
#include "streamer/protocol/channel.hpp"

using namespace carrel;
using namespace carrel::sandbox;
using namespace carrel::sandbox::fake;
using namespace std::chrono_literals;

namespace {

using Left = std::optional<Result<std::vector<LeftOver>>>;

boost::asio::awaitable<void> collect(Sandboxes* sandboxes, bool dry_run, std::chrono::seconds grace,
                                     Left* left) {
  Result<std::vector<LeftOver>> found = co_await sandboxes->collect_left_over(dry_run, grace);
  left->emplace(std::move(found));
}

boost::asio::awaitable<void> set_limits(Sandboxes* sandboxes, std::string id, SessionLimits limits,
                                        std::optional<Result<void>>* done) {
  const Result<void> changed = co_await sandboxes->limit(std::move(id), limits);
  done->emplace(changed);
}

struct Burst final : CpuBurst {
  std::vector<std::string> told;
  boost::asio::awaitable<void> withhold(std::string) override {
    told.emplace_back("withhold");
    co_return;
  }
  boost::asio::awaitable<void> grant(std::string) override {
    told.emplace_back("grant");
    co_return;
  }
};

struct Admin : Fixture {
  Result<std::vector<LeftOver>> collected(bool dry_run, std::chrono::seconds grace) {
    Left left;
    boost::asio::co_spawn(loop, collect(&*sandboxes, dry_run, grace, &left), boost::asio::detached);
    REQUIRE(run_until(loop, [&] { return left.has_value(); }));
    return *left;
  }

  void begin_limit(const std::shared_ptr<Sandbox>& sandbox, const SessionLimits& limits,
                   std::optional<Result<void>>* done) {
    boost::asio::co_spawn(loop, set_limits(&*sandboxes, sandbox->identity().sandbox, limits, done),
                          boost::asio::detached);
    loop.restart();
    loop.poll();
  }

  Result<void> limited(const std::shared_ptr<Sandbox>& sandbox, const SessionLimits& limits) {
    std::optional<Result<void>> done;
    begin_limit(sandbox, limits, &done);
    REQUIRE(run_until(loop, [&] { return done.has_value(); }));
    return *done;
  }

  /// The engine takes a moment for each change of limits, and refuses this one, counted from 1.
  void refuse_update(int number) {
    engine.on_call = [number, updates = 0](const std::string& call, const std::string&) mutable {
      Fault fault;
      if (call != "update") return fault;
      fault.delay = 5ms;
      if (++updates == number) fault.error = make_error(ErrorKind::internal, "the kernel refuses");
      return fault;
    };
  }

  void add_stray(const std::string& id, std::int64_t created_at) {
    Container& stray = engine.containers[id];
    stray.running = true;
    stray.created_at = created_at;
    stray.spec.labels = {{label::kInstance, "here"}, {label::kSandbox, "of " + id}};
  }

  std::shared_ptr<Sandbox> serving(const std::string& session) {
    const Ready given = ready(session);
    REQUIRE(given.has_value());
    const int descriptors[] = {0, 0};
    REQUIRE((*given)->serve({}, "film", descriptors).has_value());
    return *given;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Admin, "a stop waits for the answers, and no longer than its patience") {
  const auto patient = serving("s1");
  const auto hasty = serving("s2");
  REQUIRE(sandboxes->stop(patient->identity().sandbox, 3600s).has_value());
  REQUIRE(sandboxes->stop(hasty->identity().sandbox, 0s).has_value());
  REQUIRE(tended_until([&] { return sandboxes->living().size() == 1; }));
  CHECK_FALSE(patient->ending().is_set());
  REQUIRE(tended_until([&] { return container_of("s1").asked.size() == 1; }));
  protocol::Done done;
  done.id = container_of("s1").asked.front();
  REQUIRE(protocol::send(container_of("s1").streamer.get(), done).has_value());
  REQUIRE(tended_until([&] { return sandboxes->living().empty(); }));
  CHECK(patient->ending().value()->reason == Reason::admin);
  CHECK(sandboxes->stop("nobody", 0s).error().kind == ErrorKind::not_found);
  CHECK(sandboxes->kill("nobody").error().kind == ErrorKind::not_found);
}

TEST_CASE_FIXTURE(Admin, "one without answers is stopped at once, whatever the patience") {
  const Ready given = ready("s1");
  REQUIRE(sandboxes->stop((*given)->identity().sandbox, 3600s).has_value());
  CHECK(nothing_left());
}

TEST_CASE_FIXTURE(Admin, "limits of a session change while it runs; a zero means as every sandbox") {
  const Ready given = ready("s1");
  sandboxes->limit_session("s1", SessionLimits{0, 4 << 20, 0, 500});
  REQUIRE(run_until(loop, [&] { return engine.updated.size() == 1; }));
  CHECK((*given)->limits() == SessionLimits{2, 4 << 20, 0.5, 500});
  CHECK(engine.updated.front() == (*given)->container_id() + " 4194304 500000000");
  sandboxes->limit_session("s1", SessionLimits{0, 4 << 20, 0, 500});
  sandboxes->limit_session("nobody", SessionLimits{});
  loop.restart();
  loop.poll();
  CHECK(engine.updated.size() == 1);
}

TEST_CASE_FIXTURE(Admin, "memory and CPUs that the engine refuses stay as they were, the rest holds") {
  const Ready given = ready("s1");
  const SessionLimits before = (*given)->limits();
  engine.update_fails = make_error(ErrorKind::internal, "the kernel refuses");
  sandboxes->limit_session("s1", SessionLimits{1, 4 << 20, 2, 500});
  CHECK((*given)->limits().memory_bytes == 4 << 20);
  REQUIRE(run_until(loop, [&] { return (*given)->limits().memory_bytes == before.memory_bytes; }));
  CHECK((*given)->limits() == SessionLimits{1, before.memory_bytes, before.cpus, 500});

  CHECK(limited(*given, SessionLimits{2, 8 << 20, 1, 0}).has_error());
  CHECK((*given)->limits() == SessionLimits{1, before.memory_bytes, before.cpus, 500});
  CHECK(sandboxes->pacer().limited() == 1);
}

TEST_CASE_FIXTURE(Admin, "who changes limits while another change is refused keeps what was changed") {
  const Ready given = ready("s1");
  refuse_update(1);
  std::optional<Result<void>> refused;
  begin_limit(*given, SessionLimits{2, 8 << 20, 1, 0}, &refused);
  const SessionLimits wanted{2, 4 << 20, 0.25, 700};
  sandboxes->limit_session("s1", wanted);
  REQUIRE(run_until(loop, [&] { return refused && engine.updated.size() == 1; }));
  CHECK(refused->has_error());
  loop.restart();
  loop.poll();
  CHECK(engine.updated.back() == (*given)->container_id() + " 4194304 250000000");
  CHECK((*given)->limits() == wanted);
}

TEST_CASE_FIXTURE(Admin, "a change that is refused takes nothing back of the same one after it") {
  for (const bool by_session : {false, true}) {
    CAPTURE(by_session);
    const std::string session = by_session ? "s2" : "s1";
    const Ready given = ready(session);
    refuse_update(1);
    const SessionLimits wanted{1, 4 << 20, 0.25, 700};
    std::optional<Result<void>> refused;
    std::optional<Result<void>> accepted;
    begin_limit(*given, wanted, &refused);
    if (by_session) {
      sandboxes->limit_session(session, wanted);
    } else {
      begin_limit(*given, wanted, &accepted);
    }
    const std::size_t updates = by_session ? 2 : 1;
    REQUIRE(run_until(loop, [&] { return refused && engine.updated.size() == updates; }));
    REQUIRE(run_until(loop, [&] { return (*given)->limits_changing == 0; }));
    CHECK(refused->has_error());
    CHECK((*given)->limits() == wanted);
    CHECK(sandboxes->pacer().limited() == updates);
  }
}

TEST_CASE_FIXTURE(Admin, "what the engine has no part in holds for a session, whoever was before it") {
  const Ready given = ready("s1");
  refuse_update(2);
  std::optional<Result<void>> accepted;
  begin_limit(*given, SessionLimits{2, 8 << 20, 1, 0}, &accepted);
  sandboxes->limit_session("s1", SessionLimits{1, 4 << 20, 0.25, 700});
  REQUIRE(run_until(loop, [&] { return accepted && (*given)->limits_changing == 0; }));
  CHECK(accepted->has_value());
  CHECK((*given)->limits() == SessionLimits{1, 8 << 20, 1, 700});
  CHECK(sandboxes->pacer().limited() == 1);
}

TEST_CASE_FIXTURE(Admin, "limits that an administrator gave one sandbox end with the daemon") {
  const SessionLimits of_all = {2, 1 << 20, 0.5, 0};
  const SessionLimits changed = {1, 2 << 20, 0.5, 0};
  for (const bool change : {false, true}) {
    CAPTURE(change);
    const Ready given = ready("s1");
    const std::string container = (*given)->container_id();
    REQUIRE(limited(*given, SessionLimits{2, 4 << 20, 0.25, 700}).has_value());
    engine.updated.clear();
    sandboxes->leave();
    start_over(options);
    adopt_now([](const std::string& session) { return session == "s1"; });
    // Nobody is told of the limits of all in between.
    if (change) sandboxes->limit_session("s1", changed);
    REQUIRE(engine.connect_streamer(container).has_value());
    REQUIRE(run_until(loop, [&] { return !engine.updated.empty(); }));
    loop.restart();
    loop.poll();
    CHECK(engine.updated == std::vector{container + (change ? " 2097152 500000000" : " 1048576 500000000")});
    CHECK(sandboxes->of_session("s1")->limits() == (change ? changed : of_all));
    CHECK(sandboxes->pacer().limited() == 0);
  }
}

TEST_CASE_FIXTURE(Admin, "one change of limits follows another, so that the last one holds in the engine") {
  const Ready given = ready("s1");
  int updates = 0;
  engine.on_call = [&](const std::string& call, const std::string&) {
    Fault fault;
    if (call == "update") fault.delay = ++updates == 1 ? 20ms : 0ms;
    return fault;
  };
  std::optional<Result<void>> first;
  begin_limit(*given, SessionLimits{2, 8 << 20, 1, 0}, &first);
  const SessionLimits wanted{2, 4 << 20, 0.25, 0};
  sandboxes->limit_session("s1", wanted);
  REQUIRE(run_until(loop, [&] { return engine.updated.size() == 2; }));
  CHECK(engine.updated.back() == (*given)->container_id() + " 4194304 250000000");
  loop.restart();
  loop.poll();
  CHECK((*given)->limits() == wanted);
}

TEST_CASE_FIXTURE(Admin, "a session that ends while its limits change leaves no bandwidth behind") {
  const Ready given = ready("s1");
  engine.on_call = [&](const std::string& call, const std::string&) {
    Fault fault;
    if (call == "update") fault.delay = 5ms;
    return fault;
  };
  std::optional<Result<void>> changed;
  begin_limit(*given, SessionLimits{2, 4 << 20, 1, 700}, &changed);
  sandboxes->end_session("s1", Reason::logout);
  REQUIRE(run_until(loop, [&] { return changed.has_value(); }));
  CHECK(sandboxes->pacer().limited() == 0);
  CHECK(nothing_left());
}

TEST_CASE_FIXTURE(Admin,
                  "the burst is taken away before a limit changes, and granted again whatever came of it") {
  const Ready given = ready("s1");
  Burst burst;
  sandboxes->use_burst(burst);
  engine.on_call = [&](const std::string& call, const std::string&) {
    if (call == "update") burst.told.push_back(call);
    return Fault{};
  };
  REQUIRE(limited(*given, SessionLimits{2, 4 << 20, 0.25, 0}).has_value());
  engine.update_fails = make_error(ErrorKind::internal, "the kernel refuses");
  CHECK(limited(*given, SessionLimits{2, 4 << 20, 0.5, 0}).has_error());
  CHECK(burst.told == std::vector<std::string>{"withhold", "update", "grant", "withhold", "update", "grant"});
}

TEST_CASE_FIXTURE(Admin, "what is nobody's is listed dry, then removed; the young and the used are not") {
  adopt_now();
  const Ready used = ready("s1");
  add_stray("old", 1000);
  add_stray("young", unix_now());
  const auto dry = collected(true, 60s);
  REQUIRE(dry.has_value());
  REQUIRE(dry->size() == 1);
  CHECK(dry->front().container == "old");
  CHECK_FALSE(dry->front().removed);
  CHECK(engine.containers.size() == 3);
  const auto wet = collected(false, 60s);
  REQUIRE(wet->size() == 1);
  CHECK(wet->front().removed);
  CHECK(engine.containers.size() == 2);
  CHECK(engine.containers.contains((*used)->container_id()));
  CHECK(collected(false, 0s)->size() == 1);
  CHECK(engine.containers.size() == 1);
}

TEST_CASE_FIXTURE(Admin, "one that ends while left-overs are removed is not taken for one") {
  const Ready given = ready("s1");
  const std::string id = (*given)->identity().sandbox;
  add_stray("a stray", 1000);
  engine.on_call = [&](const std::string& call, const std::string& target) {
    Fault fault;
    if (call == "remove" && target == "a stray") fault.delay = 20ms;
    return fault;
  };
  Left left;
  boost::asio::co_spawn(loop, collect(&*sandboxes, false, 0s, &left), boost::asio::detached);
  loop.restart();
  loop.poll();
  sandboxes->end_session("s1", Reason::logout);
  REQUIRE(run_until(loop, [&] { return left && sandboxes->living().empty(); }));
  CHECK((*left)->size() == 1);
  CHECK(journal.life_of(id) == "creating starting ready assigned stopping removed");
}

TEST_CASE_FIXTURE(Admin, "before adoption nothing is taken for nobody's") {
  add_stray("somebody's", 1000);
  const auto found = collected(false, 0s);
  REQUIRE(found.has_error());
  CHECK(found.error().kind == ErrorKind::unavailable);
  CHECK(engine.containers.size() == 1);
}

TEST_CASE_FIXTURE(Admin, "one that could not be removed is said to be still there") {
  adopt_now();
  add_stray("stuck", 1000);
  engine.remove_fails = make_error(ErrorKind::internal, "device or resource busy");
  const auto found = collected(false, 0s);
  REQUIRE(found->size() == 1);
  CHECK_FALSE(found->front().removed);
}
