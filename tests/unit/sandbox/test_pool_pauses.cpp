// How long the pool leaves alone what breaks down, in a time of its own.
#include "fixture.hpp"
#include "virtual_world.hpp"

using namespace carrel;
using namespace carrel::sandbox;
using namespace carrel::sandbox::fake;
using namespace std::chrono_literals;

namespace {

struct VirtualTime {
  VirtualTime() { begin_virtual_world(1); }
};

/// Containers that take half a minute to be removed.
struct Pauses : VirtualTime, Fixture {
  void begin(std::size_t size, std::chrono::seconds first_pause) {
    auto changed = options;
    changed.pool_size = size;
    changed.max_total = 10;
    changed.refills = {first_pause, 3600s, 10s};
    start_over(changed);
    engine.on_call = [](const std::string& call, const std::string&) {
      Fault fault;
      if (call == "remove") fault.delay = 30s;
      return fault;
    };
    adopt_now();
    work_for(1s);
    REQUIRE(sandboxes->pool().ready == size);
  }

  void work_for(std::chrono::milliseconds time) {
    constexpr std::chrono::milliseconds kTick{100};
    for (; time > 0ms; time -= kTick) {
      engine.pump();
      sandboxes->tend();
      run_for(loop, kTick);
    }
  }

  void crash_the_warm() {
    for (const auto& sandbox : sandboxes->living()) {
      const bool warm = sandbox->identity().user.empty() && sandbox->state() == State::ready;
      if (warm && engine.containers.at(sandbox->container_id()).running)
        engine.die(sandbox->container_id(), 139);
    }
  }

  void crash_one_after(std::chrono::seconds life) {
    begin(1, 3600s);
    work_for(life);
    crash_the_warm();
  }
};

}  // namespace

TEST_CASE_FIXTURE(Pauses, "those that wait to be removed are not replaced faster than the pause allows") {
  begin(2, 1s);
  for (int ticks = 0; ticks < 250; ++ticks) {
    crash_the_warm();
    work_for(100ms);
  }
  // Two at the beginning, two after 2 s, two after 8 more; the next pause is longer than the rest.
  CHECK(engine.created.size() == 6);
}

TEST_CASE_FIXTURE(Pauses, "the time that a removal takes is not life") {
  crash_one_after(5s);
  work_for(60s);
  CHECK(engine.containers.empty());
  CHECK(engine.created.size() == 1);
}

TEST_CASE_FIXTURE(Pauses, "one that had lived is replaced before it is removed") {
  crash_one_after(11s);
  work_for(1s);
  CHECK(engine.containers.size() == 2);
}

TEST_CASE_FIXTURE(Pauses, "a long life outside the pool does not make good for those in it") {
  begin(0, 3600s);
  REQUIRE(ready("s1").has_value());
  work_for(11s);
  sandboxes->resize_pool(1);
  work_for(1s);
  REQUIRE(sandboxes->pool().ready == 1);
  crash_the_warm();
  work_for(1s);
  sandboxes->end_session("s1", Reason::logout);
  work_for(60s);
  CHECK(engine.containers.empty());
  CHECK(engine.created.size() == 2);
}
