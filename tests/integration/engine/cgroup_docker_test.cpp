#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "orchestrator/cgroup/hierarchy.hpp"
#include "tests/integration/engine/docker_bench.hpp"

// The kernel's figures of a real container beside what its engine says.
namespace carrel::sandbox {
namespace {

using cgroup::Hierarchy;
using cgroup::Location;
using cgroup::Usage;
using test::DockerBench;
using namespace std::chrono_literals;

struct Found {
  std::string id;
  Hierarchy hierarchy;
  Location location;
};

Found found(DockerBench& bench, ContainerSpec spec) {
  const std::string id = bench.started(std::move(spec));
  const auto state = bench.run(bench.engine().inspect(id));
  REQUIRE(state.has_value());
  REQUIRE(state->pid > 0);
  auto hierarchy = Hierarchy::find();
  REQUIRE_MESSAGE(hierarchy.has_value(), hierarchy.error().message);
  auto location = hierarchy->locate(state->pid, id);
  REQUIRE_MESSAGE(location.has_value(), location.error().message);
  return {id, *hierarchy, *location};
}

}  // namespace

TEST_CASE("the kernel and the engine tell the same of a container") {
  DockerBench bench;
  const Found one = found(bench, bench.spec({"hold"}));
  const auto first = one.hierarchy.read(one.location);
  REQUIRE_MESSAGE(first.has_value(), first.error().message);
  const auto said = bench.run(bench.engine().stats(one.id));
  REQUIRE_MESSAGE(said.has_value(), said.error().message);
  const auto second = one.hierarchy.read(one.location);
  REQUIRE(second.has_value());

  CHECK(first->memory_limit_bytes == 64U << 20);
  CHECK(said->memory_limit_bytes == first->memory_limit_bytes);
  CHECK(first->pids == 1);
  CHECK(said->pids == first->pids);
  CHECK(first->pids_limit == 16);
  CHECK(said->pids_limit == first->pids_limit);
  CHECK(first->memory_bytes > 0);
  CHECK(first->memory_bytes < 64U << 20);
  CHECK(first->memory_peak_bytes >= first->memory_bytes);
  CHECK(first->oom_kills == 0);
  CHECK(first->cpu_time > 0ns);
  CHECK(said->cpu_time >= first->cpu_time);
  CHECK(second->cpu_time >= said->cpu_time);
  CHECK(second->memory_peak_bytes >= first->memory_peak_bytes);
}

TEST_CASE("a container that has ended has no figures; its process's number may be another's") {
  DockerBench bench;
  const Found one = found(bench, bench.spec({"hold"}));
  const Found other = found(bench, bench.spec({"hold"}));
  const auto state = bench.run(bench.engine().inspect(other.id));
  CHECK(one.hierarchy.locate(state->pid, one.id).error().kind == ErrorKind::not_found);

  REQUIRE(bench.run(bench.engine().remove(one.id)).has_value());
  CHECK(one.hierarchy.read(one.location).error().kind == ErrorKind::not_found);
  CHECK(bench.run(bench.engine().stats(one.id)).error().kind == ErrorKind::not_found);
  CHECK(one.hierarchy.read(other.location).has_value());
}

TEST_CASE("the burst holds between nothing and the quota of a period") {
  DockerBench bench;
  const Found one = found(bench, bench.spec({"hold"}));
  const auto set = one.hierarchy.set_cpu_burst(one.location, 20ms);
  if (set.has_error()) {
    CHECK_MESSAGE(set.error().kind == ErrorKind::not_found, set.error().message);
    return;
  }
  // Half a CPU is 50 ms of each 100.
  CHECK(one.hierarchy.set_cpu_burst(one.location, 51ms).error().kind == ErrorKind::invalid);
  // As documented: a lower limit is refused while the burst is above it.
  CHECK(bench.run(bench.engine().update(one.id, 0, 100'000'000)).has_error());
  REQUIRE(one.hierarchy.set_cpu_burst(one.location, 0us).has_value());
  CHECK(bench.run(bench.engine().update(one.id, 0, 100'000'000)).has_value());
}

}  // namespace carrel::sandbox
