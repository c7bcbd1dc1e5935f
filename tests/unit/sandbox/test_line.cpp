// Who gets a place when there are none, and who is not tried for a while.
#include "fixture.hpp"

using namespace carrel;
using namespace carrel::sandbox;
using namespace carrel::sandbox::fake;
using namespace std::chrono_literals;

namespace {

struct Crowd : Fixture {
  std::vector<std::size_t> positions;

  void begin(std::chrono::seconds wait, std::size_t length = 8, std::size_t places = 1,
             std::chrono::seconds reclaim = 3600s) {
    auto changed = options;
    changed.max_total = places;
    changed.line_wait = wait;
    changed.line_length = length;
    changed.reclaim_after = reclaim;
    Observer observer;
    observer.on_waiting = [this](const Claim&, std::size_t position) { positions.push_back(position); };
    start_over(changed, std::move(observer));
    adopt_now();
  }

  void crash(const std::string& session, const std::string& user) {
    const Ready given = ready_as({session, user});
    REQUIRE(given.has_value());
    const std::string id = (*given)->identity().sandbox;
    engine.die((*given)->container_id(), 139);
    REQUIRE(run_until(loop, [&] { return !sandboxes->by_id(id); }));
  }

  void ask_for(const std::string& session, std::optional<Ready>* answer) {
    boost::asio::co_spawn(loop, ask(&*sandboxes, Claim{session, "user"}, answer), boost::asio::detached);
    loop.restart();
    loop.poll();
  }
};

}  // namespace

TEST_CASE_FIXTURE(Crowd, "those who wait are served in their order, and told their positions") {
  begin(5s);
  REQUIRE(ready("s1").has_value());
  std::optional<Ready> second;
  std::optional<Ready> third;
  ask_for("s2", &second);
  ask_for("s3", &third);
  CHECK(positions == std::vector<std::size_t>{1, 2});
  CHECK(sandboxes->waiting() == 2);
  sandboxes->end_session("s1", Reason::logout);
  REQUIRE(run_until(loop, [&] { return second.has_value(); }));
  CHECK(second->has_value());
  CHECK_FALSE(third);
  sandboxes->end_session("s2", Reason::logout);
  REQUIRE(run_until(loop, [&] { return third.has_value(); }));
  CHECK(third->has_value());
  CHECK(sandboxes->waiting() == 0);
}

TEST_CASE_FIXTURE(
    Crowd, "so many viewers have a sandbox, whatever there is room for, and an idle one goes for the next") {
  options.max_sessions = 1;
  options.pool_size = 1;
  begin(1s, 8, 10, 3600s);
  REQUIRE(run_until(loop, [&] { return sandboxes->pool().ready == 1; }));
  const std::string early = sandboxes->propose_session();
  REQUIRE(ready("s1").has_value());
  const Ready refused = ready("s2");
  REQUIRE(refused.has_error());
  CHECK(refused.error().message.find("admission.viewers") != std::string::npos);
  CHECK(refused.error().position == 1);
  // Nor does a warm one help; whoever was to have it stands in the line, and takes it along when leaving.
  CHECK(ready_as({early, "user"}).error().position == 2);
  sandboxes->end_session(early, Reason::logout);
  REQUIRE(run_until(loop, [&] { return sandboxes->living().size() == 1; }));
  CHECK(ready_as({sandboxes->propose_session(), "user"}).error().position == 2);
  sandboxes->end_session("s1", Reason::logout);
  CHECK(ready("s2").has_value());

  begin(5s, 8, 10, 0s);
  REQUIRE(ready("s1").has_value());
  CHECK(ready("s2").has_value());
  CHECK_FALSE(sandboxes->of_session("s1"));
}

TEST_CASE_FIXTURE(Crowd, "who waited in vain is told the position, and finds it again") {
  begin(1s);
  REQUIRE(ready("s1").has_value());
  const Ready refused = ready("s2");
  REQUIRE(refused.has_error());
  CHECK(refused.error().kind == ErrorKind::busy);
  CHECK(refused.error().why == Refusal::Why::full);
  CHECK(refused.error().position == 1);
  CHECK(refused.error().retry_after > 0s);
  const Ready behind = ready("s3");
  CHECK(behind.error().position == 2);
  sandboxes->end_session("s1", Reason::logout);
  std::optional<Ready> third;
  ask_for("s3", &third);
  CHECK(ready("s2").has_value());
  REQUIRE(run_until(loop, [&] { return third.has_value(); }));
  CHECK(third->error().position == 1);
}

TEST_CASE_FIXTURE(Crowd, "who is first and does not come back holds nobody up, and is first again in time") {
  options.come_back = 0s;
  begin(1s);
  REQUIRE(ready("s1").has_value());
  CHECK(ready("absent").error().position == 1);
  std::optional<Ready> next;
  ask_for("next", &next);
  sandboxes->end_session("s1", Reason::logout);
  REQUIRE(run_until(loop, [&] { return next.has_value(); }));
  CHECK(next->has_value());
  CHECK(ready("last").error().position == 2);
  CHECK(ready("absent").error().position == 1);
}

TEST_CASE_FIXTURE(Crowd, "however many wait, the host's memory is looked up once a second") {
  int looks = 0;
  auto now = AvailableMemory::Clock::time_point(100h);
  const auto look = [&]() -> std::optional<std::uint64_t> {
    ++looks;
    return 1;
  };
  options.memory = AvailableMemory(look, [&] { return now; });
  options.budget.memory_reserve = 1000;
  begin(0s, 30);
  for (int count = 0; count < 20; ++count) CHECK(ready("s" + std::to_string(count)).has_error());
  CHECK(looks == 1);
  now += 1s;
  CHECK(ready("s1").has_error());
  CHECK(looks == 2);
}

TEST_CASE_FIXTURE(Crowd, "a full line sends away at once") {
  begin(5s, 1);
  REQUIRE(ready("s1").has_value());
  std::optional<Ready> second;
  ask_for("s2", &second);
  const Ready refused = ready("s3");
  REQUIRE(refused.has_error());
  CHECK(refused.error().position == 0);
  CHECK(refused.error().retry_after > 0s);
  CHECK_FALSE(second);
  sandboxes->end_session("s2", Reason::logout);
  REQUIRE(run_until(loop, [&] { return second.has_value(); }));
}

TEST_CASE_FIXTURE(Crowd, "a session that ends while it waits gets nothing, then or later") {
  begin(5s);
  REQUIRE(ready("s1").has_value());
  std::optional<Ready> second;
  ask_for("s2", &second);
  sandboxes->end_session("s2", Reason::logout);
  REQUIRE(run_until(loop, [&] { return second.has_value(); }));
  REQUIRE(second->has_error());
  CHECK(second->error().kind == ErrorKind::unavailable);
  sandboxes->end_session("s1", Reason::logout);
  CHECK(nothing_left());
  CHECK(sandboxes->waiting() == 0);
}

TEST_CASE_FIXTURE(Crowd, "one that nobody has used for long gives its place to one that waits") {
  begin(5s, 8, 2, 1s);
  REQUIRE(ready("s1").has_value());
  const auto later = std::chrono::steady_clock::now() + 1100ms;
  REQUIRE(tended_until([&] { return std::chrono::steady_clock::now() > later; }));
  REQUIRE(ready("s2").has_value());
  CHECK(ready("s3").has_value());
  CHECK_FALSE(sandboxes->of_session("s1"));
  CHECK(sandboxes->of_session("s2"));
}

TEST_CASE_FIXTURE(Crowd, "a place that is free while somebody waits does not go to the pool") {
  auto changed = options;
  changed.max_total = 1;
  changed.pool_size = 1;
  changed.line_wait = 5s;
  start_over(changed);
  adopt_now();
  REQUIRE(ready("s1").has_value());
  std::optional<Ready> second;
  ask_for("s2", &second);
  const std::size_t before = engine.created.size();
  sandboxes->end_session("s1", Reason::logout);
  REQUIRE(run_until(loop, [&] { return second.has_value(); }));
  CHECK(second->has_value());
  CHECK(engine.created.size() == before + 1);
}

TEST_CASE_FIXTURE(Crowd, "the host's budget bounds like the number does") {
  auto changed = options;
  changed.budget.cpus = 1.0;
  start_over(changed);
  adopt_now();
  REQUIRE(ready("s1").has_value());
  REQUIRE(ready("s2").has_value());
  const Ready third = ready("s3");
  REQUIRE(third.has_error());
  CHECK(third.error().message.find("admission.cpus") != std::string::npos);
}

TEST_CASE_FIXTURE(
    Crowd, "while the machine has a hard time none is started, none is given up, and those there stay") {
  begin(0s, 8, 2);
  const Ready first = ready("s1");
  REQUIRE(first.has_value());
  sandboxes->shed("the machine is too hot");
  const Ready second = ready("s2");
  REQUIRE(second.has_error());
  CHECK(second.error().message.find("the machine is too hot") != std::string::npos);
  CHECK(ready("s1").has_value());
  CHECK(engine.created.size() == 1);
  sandboxes->shed({});
  CHECK(ready("s2").has_value());
}

TEST_CASE_FIXTURE(Crowd, "a user whose sandboxes crash in a loop is told to wait, and nobody else") {
  begin(1s, 8, 3);
  for (int count = 0; count < 4; ++count) crash("s1", "unlucky");
  const Ready refused = ready_as({"s1", "unlucky"});
  REQUIRE(refused.has_error());
  CHECK(refused.error().why == Refusal::Why::user_crashes);
  CHECK(refused.error().retry_after >= 14s);
  CHECK(sandboxes->breakers_open() == 1);
  CHECK(ready_as({"s2", "other"}).has_value());
  CHECK_FALSE(sandboxes->of_session("s1"));
}

TEST_CASE_FIXTURE(Crowd, "a breaker that opened closes by itself") {
  auto changed = options;
  changed.breaker.first_pause = 1s;
  start_over(changed);
  adopt_now();
  for (int count = 0; count < 4; ++count) crash("s1", "unlucky");
  REQUIRE(ready_as({"s1", "unlucky"}).has_error());
  REQUIRE(tended_until([&] { return sandboxes->breakers_open() == 0; }));
  CHECK(ready_as({"s1", "unlucky"}).has_value());
}

TEST_CASE_FIXTURE(Crowd, "what an administrator or the engine ends is no crash") {
  begin(1s, 8, 3);
  for (int count = 0; count < 5; ++count) {
    const Ready given = ready("s1");
    REQUIRE(given.has_value());
    REQUIRE(sandboxes->kill((*given)->identity().sandbox).has_value());
    REQUIRE(run_until(loop, [&] { return sandboxes->living().empty(); }));
  }
  CHECK(sandboxes->breakers_open() == 0);
}

TEST_CASE_FIXTURE(Crowd, "a film that was being sent when sandboxes crashed is not tried for a while") {
  begin(1s, 8, 3);
  const int descriptors[] = {0, 0};
  for (int count = 0; count < 4; ++count) {
    const std::string session = "s" + std::to_string(count);
    const Ready given = ready_as({session, session});
    REQUIRE(given.has_value());
    REQUIRE((*given)->serve({}, "bad film", descriptors).has_value());
    engine.die((*given)->container_id(), 139);
    REQUIRE(run_until(loop, [&] { return sandboxes->living().empty(); }));
  }
  CHECK(sandboxes->film_broken({"s9", "another"}, "bad film"));
  CHECK_FALSE(sandboxes->film_broken({"s9", "another"}, "good film"));
}

TEST_CASE_FIXTURE(Crowd, "one user's crashes take a film from that user alone") {
  begin(1s, 8, 3);
  const int descriptors[] = {0, 0};
  for (int count = 0; count < 4; ++count) {
    const Ready given = ready_as({"s" + std::to_string(count), "hostile"});
    REQUIRE(given.has_value());
    REQUIRE((*given)->serve({}, "film", descriptors).has_value());
    engine.die((*given)->container_id(), 139);
    REQUIRE(run_until(loop, [&] { return sandboxes->living().empty(); }));
  }
  CHECK(sandboxes->film_broken({"s9", "hostile"}, "film"));
  CHECK_FALSE(sandboxes->film_broken({"s9", "another"}, "film"));
}
