// What the daemon takes on less of at each level, through the real jobs and the real sandboxes.
#include "orchestrator/shedding.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "tests/unit/jobs/films.hpp"
#include "tests/unit/jobs/harness.hpp"
#include "tests/unit/sandbox/fixture.hpp"

using namespace carrel;
using store::JobState;
using strain::Cause;
using strain::Level;

namespace {

jobs::test::HarnessOptions converting(std::size_t workers) {
  jobs::test::HarnessOptions options;
  options.policy.workers = workers;
  return options;
}

struct Machine {
  explicit Machine(std::uint32_t workers) : harness(converting(workers)) {
    config.jobs.workers = workers;
    for (const char* name : {"first", "second", "third", "fourth"})
      harness.add_film(name, jobs::test::indexed_film(false));
    harness.start();
    shed.emplace(shed_in(config, {metrics, feed, *sandboxes.sandboxes, harness.jobs()}));
  }

  /// At the end of each: so many run.
  void until_running(std::size_t count) {
    harness.until([&] { return of_state(JobState::running).size() == count && all_known(); });
  }

  [[nodiscard]] std::vector<store::JobRow> of_state(JobState state) {
    auto found = harness.jobs().list();
    std::erase_if(found, [&](const auto& job) { return job.state != state; });
    return found;
  }
  [[nodiscard]] bool all_known() { return harness.jobs().list().size() == 4; }

  [[nodiscard]] bool tells(int level) {
    return metrics.text().find("\ncarrel_shedding " + std::to_string(level) + "\n") != std::string::npos;
  }

  jobs::test::Harness harness;
  sandbox::fake::Fixture sandboxes;
  config::Config config;
  observe::Metrics metrics{"0.1.0", {}};
  observe::EventFeed feed{sandboxes.loop.get_executor()};
  std::optional<StrainWatch::Tell> shed;
};

}  // namespace

TEST_CASE("half as many conversions first, then none and no new sandbox, and all of it again") {
  Machine machine(4);
  machine.until_running(4);
  REQUIRE(machine.sandboxes.ready("there").has_value());

  (*machine.shed)({Level::fewer_conversions, Cause::heat, "the machine is too hot"});
  machine.until_running(2);
  for (const auto& paused : machine.of_state(JobState::waiting))
    CHECK(paused.reason == "the machine is too hot");
  CHECK(machine.tells(1));
  CHECK(machine.sandboxes.ready("another").has_value());

  (*machine.shed)({Level::no_new_sandboxes, Cause::heat, "the machine is far too hot"});
  machine.until_running(0);
  CHECK(machine.tells(2));
  const auto refused = machine.sandboxes.ready("a third");
  REQUIRE(refused.has_error());
  CHECK(refused.error().message.find("the machine is far too hot") != std::string::npos);
  CHECK(machine.sandboxes.ready("there").has_value());

  (*machine.shed)({});
  machine.until_running(4);
  CHECK(machine.tells(0));
  CHECK(machine.sandboxes.ready("a third").has_value());
}

TEST_CASE("where one film is converted at a time, fewer are none") {
  Machine machine(1);
  machine.until_running(1);
  (*machine.shed)({Level::fewer_conversions, Cause::heat, "the machine is too hot"});
  machine.until_running(0);
  (*machine.shed)({});
  machine.until_running(1);
}

TEST_CASE("another reason for the same level is told as well") {
  boost::asio::io_context loop;
  int looks = 0;
  StrainWatch::Options options;
  options.every = std::chrono::milliseconds(1);
  options.memory_reserve = 512ULL << 20;
  options.read = [&looks]() -> Result<machine::Strain> {
    machine::Strain strain;
    strain.sensor = "coretemp";
    strain.warm = 85;
    strain.hot = 95;
    const bool first = ++looks <= 2;
    strain.celsius = first ? 50 : 99;
    strain.memory_available = (first ? 100ULL : 4096ULL) << 20;
    return strain;
  };
  std::vector<Cause> told;
  StrainWatch watch(options, [&](const strain::Shedding& now) {
    CHECK(now.level == Level::no_new_sandboxes);
    CHECK(now == watch.now());
    told.push_back(now.cause);
    if (told.size() == 2) loop.stop();
  });
  boost::asio::co_spawn(loop, watch.run(), boost::asio::detached);
  loop.run_for(std::chrono::seconds(20));
  CHECK(told == std::vector<Cause>{Cause::memory, Cause::heat});
}
