#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "fakes.hpp"
#include "orchestrator/sandbox/sampler.hpp"
#include "tests/unit/cgroup/folder_tree.hpp"

namespace carrel::sandbox {
namespace {

using cgroup::Usage;

/// A full container id, and so a cgroup's name.
std::string id_of(char letter) {
  return std::string(64, letter);
}

struct Bench {
  explicit Bench(bool cgroups = true)
      : sampler(loop.get_executor(), engine, [this] { return living; }, options(cgroups), observer()) {}

  Sampler::Options options(bool cgroups) {
    Sampler::Options options;
    options.every = std::chrono::milliseconds(1);
    options.cpu_burst = 0.5;
    options.find = [tree = tree, cgroups]() -> Result<cgroup::Hierarchy> {
      if (!cgroups) return make_error(ErrorKind::unavailable, "no cgroups here");
      return cgroup::Hierarchy(tree);
    };
    return options;
  }

  SamplerObserver observer() {
    SamplerObserver heard;
    heard.on_sample = [this](std::size_t slot, const Usage& usage) { slots[slot] = usage; };
    heard.on_gone = [this](std::size_t slot) { slots.erase(slot); };
    heard.on_oom_kills = [this](std::uint64_t more) { oom_kills += more; };
    heard.on_round = [this](const Round& one) {
      round = one;
      ++rounds;
    };
    heard.on_burst_error = [this](const Error& error) { burst_errors.push_back(error.message); };
    heard.on_error = [this](const Error& error) { errors.push_back(error.message); };
    return heard;
  }

  void begin(char letter) {
    const std::string id = id_of(letter);
    engine.containers[id].pid = letter;
    engine.containers[id].running = true;
    engine.containers[id].spec.memory_bytes = 64U << 20;
    tree->put_process(letter, "4:memory:/docker/" + id + "\n");
    set_memory(letter, 1000);
    living.push_back({std::string(1, letter), id});
  }
  void set_memory(char letter, std::uint64_t bytes) {
    tree->put("memory", "/docker/" + id_of(letter), "memory.usage_in_bytes", std::to_string(bytes));
  }
  void set_oom_kills(char letter, int kills) {
    tree->put("memory", "/docker/" + id_of(letter), "memory.oom_control",
              "oom_kill " + std::to_string(kills));
  }
  void set_quota(char letter, const std::string& microseconds, bool has_burst = true) {
    const std::string group = "/docker/" + id_of(letter);
    tree->put_process(letter, "4:memory:" + group + "\n3:cpu,cpuacct:" + group + "\n");
    tree->put("cpu", group, "cpu.cfs_quota_us", microseconds + "\n");
    if (has_burst) tree->put("cpu", group, "cpu.cfs_burst_us", "7\n");
  }
  [[nodiscard]] std::string burst_of(char letter) const {
    return tree->read("cpu", "/docker/" + id_of(letter), "cpu.cfs_burst_us").value_or("");
  }
  void run(boost::asio::awaitable<void> what) {
    bool done = false;
    boost::asio::co_spawn(loop, std::move(what), [&](std::exception_ptr error) {
      CHECK_FALSE(error);
      done = true;
    });
    REQUIRE(fake::run_until(loop, [&] { return done; }));
  }
  void end(char letter) {
    std::erase_if(living, [letter](const Running& one) { return one.sandbox == std::string(1, letter); });
  }

  void look() { run(sampler.look()); }

  boost::asio::io_context loop;
  fake::FakeEngine engine;
  std::shared_ptr<cgroup::test::FolderTree> tree = std::make_shared<cgroup::test::FolderTree>();
  std::vector<Running> living;
  std::map<std::size_t, Usage> slots;
  std::uint64_t oom_kills = 0;
  Round round;
  int rounds = 0;
  std::vector<std::string> errors;
  std::vector<std::string> burst_errors;
  Sampler sampler;
};

}  // namespace

TEST_CASE("slots are the smallest numbers that are free") {
  Slots slots;
  CHECK(slots.take() == 0);
  CHECK(slots.take() == 1);
  CHECK(slots.take() == 2);
  slots.give_back(1);
  slots.give_back(0);
  CHECK(slots.take() == 0);
  CHECK(slots.take() == 1);
  CHECK(slots.take() == 3);
}

TEST_CASE("each sandbox is measured by the kernel's files; the engine is asked once for its process") {
  Bench bench;
  for (char letter = 'a'; letter < 'a' + 20; ++letter) bench.begin(letter);
  CHECK_FALSE(bench.sampler.last("a").has_value());
  bench.look();
  CHECK(bench.engine.inspect_calls == 20);
  CHECK(bench.round.from_kernel == 20);
  CHECK(bench.round.seconds > 0);
  CHECK(bench.sampler.last("a")->memory_bytes == 1000);
  bench.set_memory('a', 2000);
  for (int again = 0; again < 3; ++again) bench.look();
  CHECK(bench.sampler.last("a")->memory_bytes == 2000);
  CHECK(bench.engine.inspect_calls == 20);
  CHECK(bench.engine.stats_calls == 0);
  CHECK(bench.slots.size() == 20);
  CHECK(bench.errors.empty());
}

TEST_CASE("who comes gets the slot of who went, and nothing of what that was") {
  Bench bench;
  for (const char letter : {'a', 'b', 'c'}) bench.begin(letter);
  bench.look();
  bench.end('b');
  bench.begin('d');
  bench.begin('e');
  bench.set_memory('d', 4000);
  bench.look();
  CHECK_FALSE(bench.sampler.last("b").has_value());
  CHECK(bench.slots.at(1).memory_bytes == 4000);
  CHECK(bench.slots.size() == 4);
  for (const char letter : {'a', 'c', 'd', 'e'}) bench.end(letter);
  bench.look();
  CHECK(bench.slots.empty());
}

TEST_CASE("the engine is asked instead where the cgroups cannot be seen, and it is said once") {
  Bench bench(false);
  bench.begin('a');
  bench.look();
  bench.look();
  CHECK(bench.engine.stats_calls == 2);
  CHECK(bench.engine.inspect_calls == 0);
  CHECK(bench.sampler.last("a")->memory_limit_bytes == 64U << 20);
  CHECK(bench.round.from_engine == 1);
  CHECK(bench.round.from_kernel == 0);
  CHECK(bench.errors == std::vector<std::string>{"no cgroups here"});
}

TEST_CASE("the engine is asked for one whose own cgroup cannot be seen") {
  Bench bench;
  bench.begin('a');
  bench.begin('b');
  bench.tree->put_process('b', "0::/../outside\n");
  bench.look();
  bench.look();
  CHECK(bench.engine.inspect_calls == 2);
  CHECK(bench.engine.stats_calls == 2);
  CHECK(bench.round.from_kernel == 1);
  CHECK(bench.round.from_engine == 1);
}

TEST_CASE("an engine that does not answer is asked for one at a time, again at the next look") {
  Bench bench;
  for (const char letter : {'a', 'b', 'c'}) bench.begin(letter);
  bench.engine.inspect_fails = make_error(ErrorKind::timeout, "hangs");
  bench.look();
  CHECK(bench.engine.inspect_calls == 1);
  CHECK(bench.engine.stats_calls == 0);
  CHECK(bench.round.not_measured == 3);
  bench.engine.inspect_fails.reset();
  bench.look();
  CHECK(bench.round.from_kernel == 3);
}

TEST_CASE("many are asked for beside one another, each once") {
  Bench bench(false);
  for (char letter = 'a'; letter < 'a' + 20; ++letter) bench.begin(letter);
  bench.look();
  CHECK(bench.engine.stats_calls == 20);
  CHECK(bench.round.from_engine == 20);
  CHECK(bench.slots.size() == 20);
  bench.engine.containers.erase(id_of('c'));
  bench.look();
  CHECK(bench.engine.stats_calls == 40);
  CHECK(bench.round.from_engine == 19);
  CHECK(bench.round.not_measured == 1);
}

TEST_CASE("a kill for want of memory is counted once, whoever sees it") {
  Bench bench;
  for (const char letter : {'a', 'b'}) bench.begin(letter);
  bench.set_oom_kills('a', 2);
  bench.look();
  bench.look();
  CHECK(bench.oom_kills == 2);
  bench.set_oom_kills('a', 3);
  bench.look();
  CHECK(bench.oom_kills == 3);
  bench.sampler.died_of_oom("a");
  CHECK(bench.oom_kills == 3);
  bench.sampler.died_of_oom("b");
  CHECK(bench.oom_kills == 4);
  bench.set_oom_kills('b', 1);
  bench.look();
  CHECK(bench.oom_kills == 4);
  bench.sampler.died_of_oom("never measured");
  CHECK(bench.oom_kills == 5);
}

TEST_CASE("each sandbox that is found gets its burst, as a share of its quota") {
  Bench bench;
  bench.begin('a');
  bench.begin('b');
  bench.begin('c');
  bench.set_quota('a', "50000");
  bench.set_quota('b', "-1");
  bench.look();
  CHECK(bench.burst_of('a') == "25000");
  CHECK(bench.burst_of('b') == "0");
  CHECK(bench.burst_errors.empty());
}

TEST_CASE("a burst that is withheld comes back with the grant, as a share of the new quota") {
  Bench bench;
  bench.begin('a');
  bench.set_quota('a', "50000");
  bench.look();
  bench.run(bench.sampler.withhold("a"));
  CHECK(bench.burst_of('a') == "0");
  bench.look();
  CHECK(bench.burst_of('a') == "0");
  bench.set_quota('a', "20000", false);
  bench.run(bench.sampler.grant("a"));
  CHECK(bench.burst_of('a') == "10000");
  bench.run(bench.sampler.withhold("never seen"));
  bench.run(bench.sampler.grant("never seen"));
}

TEST_CASE("a burst that an earlier daemon granted is withheld before the first look, and by it") {
  Bench bench;
  bench.begin('a');
  bench.set_quota('a', "50000");
  bench.run(bench.sampler.withhold("a"));
  CHECK(bench.burst_of('a') == "0");
  bench.look();
  CHECK(bench.burst_of('a') == "0");
  bench.run(bench.sampler.grant("a"));
  CHECK(bench.burst_of('a') == "25000");
}

TEST_CASE("where no cgroup can be seen there is nothing to withhold, and that is told once") {
  Bench bench(false);
  bench.begin('a');
  bench.run(bench.sampler.withhold("a"));
  bench.look();
  bench.run(bench.sampler.grant("a"));
  CHECK(bench.errors.size() == 1);
}

TEST_CASE("a kernel without the burst is told of once, and what is measured is measured all the same") {
  Bench bench;
  for (const char letter : {'a', 'b'}) {
    bench.begin(letter);
    bench.set_quota(letter, "50000", false);
  }
  bench.look();
  REQUIRE(bench.burst_errors.size() == 1);
  CHECK(bench.burst_errors.front().find("cpu.cfs_burst_us") != std::string::npos);
  CHECK(bench.round.from_kernel == 2);
}

TEST_CASE("one look follows another until it is stopped") {
  Bench bench;
  bench.begin('a');
  bench.sampler.start();
  REQUIRE(fake::run_until(bench.loop, [&] { return bench.rounds >= 3; }));
  bench.sampler.stop();
  bench.loop.restart();
  // It returns because nothing is left to do.
  bench.loop.run_for(std::chrono::seconds(10));
  CHECK(bench.loop.stopped());
}

}  // namespace carrel::sandbox
