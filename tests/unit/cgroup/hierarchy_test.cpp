#include "orchestrator/cgroup/hierarchy.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "tests/unit/cgroup/folder_tree.hpp"

namespace carrel::cgroup {
namespace {

using test::FolderTree;
using namespace std::chrono_literals;

const std::string kId(64, 'c');
const std::string kGroup = "/docker/" + kId;
constexpr std::int64_t kPid = 4711;

std::shared_ptr<FolderTree> v1_tree() {
  auto tree = std::make_shared<FolderTree>();
  tree->put_process(kPid, "8:pids:" + kGroup + "\n7:blkio:" + kGroup + "\n4:memory:" + kGroup +
                              "\n2:cpu,cpuacct:" + kGroup + "\n0::/\n");
  tree->put("memory", kGroup, "memory.usage_in_bytes", "1000\n");
  tree->put("memory", kGroup, "memory.max_usage_in_bytes", "2000\n");
  tree->put("memory", kGroup, "memory.limit_in_bytes", "536870912\n");
  tree->put("memory", kGroup, "memory.stat", "cache 1\nrss 2\ntotal_cache 300\n");
  tree->put("memory", kGroup, "memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n");
  tree->put("cpu", kGroup, "cpu.stat", "nr_periods 10\nnr_throttled 4\nthrottled_time 7\n");
  tree->put("cpu", kGroup, "cpu.cfs_burst_us", "0\n");
  tree->put("cpuacct", kGroup, "cpuacct.usage", "5000000000\n");
  tree->put("pids", kGroup, "pids.current", "2\n");
  tree->put("pids", kGroup, "pids.max", "16\n");
  tree->put("blkio", kGroup, "blkio.throttle.io_service_bytes", "8:0 Read 1\nTotal 1\n");
  tree->put("blkio", kGroup, "blkio.throttle.io_service_bytes_recursive", "8:0 Read 5\n8:0 Write 6\n");
  return tree;
}

std::shared_ptr<FolderTree> v2_tree() {
  auto tree = std::make_shared<FolderTree>();
  tree->put_process(kPid, "0::" + kGroup + "\n");
  tree->put(kUnified, kGroup, "memory.current", "1000\n");
  tree->put(kUnified, kGroup, "memory.peak", "2000\n");
  tree->put(kUnified, kGroup, "memory.max", "536870912\n");
  tree->put(kUnified, kGroup, "memory.stat", "anon 1\nfile 300\nfile_mapped 9\n");
  tree->put(kUnified, kGroup, "memory.events", "low 0\nhigh 0\nmax 1\noom 1\noom_kill 3\noom_group_kill 0\n");
  tree->put(kUnified, kGroup, "cpu.stat",
            "usage_usec 5000000\nuser_usec 1\nnr_periods 10\nnr_throttled 4\nthrottled_usec 7\n");
  tree->put(kUnified, kGroup, "pids.current", "2\n");
  tree->put(kUnified, kGroup, "pids.max", "max\n");
  tree->put(kUnified, kGroup, "io.stat", "8:0 rbytes=5 wbytes=6 rios=1 wios=1 dbytes=0 dios=0\n");
  tree->put(
      kUnified, kGroup, "memory.pressure",
      "some avg10=25.00 avg60=0.00 avg300=0.00 total=1\nfull avg10=5.00 avg60=0.00 avg300=0.00 total=1\n");
  return tree;
}

Usage usage_in(const std::shared_ptr<FolderTree>& tree) {
  const Hierarchy hierarchy(tree);
  const auto location = hierarchy.locate(kPid, kId);
  REQUIRE_MESSAGE(location.has_value(), location.error().message);
  const auto usage = hierarchy.read(*location);
  REQUIRE_MESSAGE(usage.has_value(), usage.error().message);
  return *usage;
}

Usage what_both_have() {
  Usage usage;
  usage.memory_bytes = 1000;
  usage.memory_peak_bytes = 2000;
  usage.memory_limit_bytes = 512U << 20;
  usage.memory_cache_bytes = 300;
  usage.oom_kills = 3;
  usage.cpu_time = 5s;
  usage.cpu_periods = 10;
  usage.cpu_throttled_periods = 4;
  usage.pids = 2;
  usage.read_bytes = 5;
  usage.written_bytes = 6;
  return usage;
}

}  // namespace

TEST_CASE("all figures of v1, in its own units") {
  Usage expected = what_both_have();
  expected.cpu_throttled_time = 7ns;
  expected.pids_limit = 16;
  CHECK(usage_in(v1_tree()) == expected);
}

TEST_CASE("all figures of v2, in its own units") {
  Usage expected = what_both_have();
  expected.cpu_throttled_time = 7us;
  expected.memory_pressure = Pressure{0.25, 0.05};
  CHECK(usage_in(v2_tree()) == expected);
}

TEST_CASE("a hybrid host has the controllers in v1 and the pressure in v2") {
  const auto tree = v1_tree();
  tree->put_process(kPid, "8:pids:" + kGroup + "\n4:memory:" + kGroup + "\n0::" + kGroup + "\n");
  tree->put(kUnified, kGroup, "cpu.pressure", "some avg10=50.00 avg60=0.00 avg300=0.00 total=1\n");
  tree->put(kUnified, kGroup, "cpu.stat", "usage_usec 9\n");
  const Usage usage = usage_in(tree);
  CHECK(usage.memory_bytes == 1000);
  CHECK(usage.pids == 2);
  CHECK(usage.cpu_pressure == Pressure{0.5, 0});
  CHECK(usage.cpu_time == 9us);
  CHECK_FALSE(usage.memory_pressure.has_value());
  CHECK_FALSE(usage.read_bytes.has_value());
}

TEST_CASE("a controller that the container has not leaves its figures empty") {
  const auto tree = std::make_shared<FolderTree>();
  tree->put_process(kPid, "0::" + kGroup + "\n");
  tree->put(kUnified, kGroup, "cpu.stat", "usage_usec 9\nuser_usec 1\n");
  Usage expected;
  expected.cpu_time = 9us;
  CHECK(usage_in(tree) == expected);
}

TEST_CASE("figures that make no sense are left out, the others kept") {
  const auto tree = v1_tree();
  tree->put("memory", kGroup, "memory.usage_in_bytes", "-5\n");
  tree->put("memory", kGroup, "memory.max_usage_in_bytes", "");
  tree->put("memory", kGroup, "memory.stat", std::string(60'000, '\xff'));
  tree->put("cpu", kGroup, "cpu.stat", "nr_periods\nnr_throttled 4 5\nthrottled_time 99999999999999999999\n");
  const Usage usage = usage_in(tree);
  CHECK_FALSE(usage.memory_bytes.has_value());
  CHECK_FALSE(usage.memory_peak_bytes.has_value());
  CHECK_FALSE(usage.memory_cache_bytes.has_value());
  CHECK_FALSE(usage.cpu_periods.has_value());
  CHECK_FALSE(usage.cpu_throttled_periods.has_value());
  CHECK_FALSE(usage.cpu_throttled_time.has_value());
  CHECK(usage.memory_limit_bytes == 512U << 20);
}

TEST_CASE("a container that is gone is said to be so") {
  const auto tree = v1_tree();
  const Hierarchy hierarchy(tree);
  CHECK(hierarchy.locate(1, kId).error().kind == ErrorKind::not_found);
  CHECK(hierarchy.locate(0, kId).error().kind == ErrorKind::not_found);
  CHECK(hierarchy.locate(-1, kId).error().kind == ErrorKind::not_found);
  CHECK(hierarchy.locate(kPid, std::string(64, 'd')).error().kind == ErrorKind::not_found);
  const Location gone{{{"memory", "/docker/gone"}}, "/docker/gone"};
  CHECK(hierarchy.read(gone).error().kind == ErrorKind::not_found);
  CHECK(hierarchy.read(Location{}).error().kind == ErrorKind::not_found);
}

TEST_CASE("the burst goes into the file that the kernel has") {
  const auto v1 = v1_tree();
  const Hierarchy old(v1);
  const auto before = old.locate(kPid, kId);
  REQUIRE(old.set_cpu_burst(*before, 25ms).has_value());
  CHECK(v1->read("cpu", kGroup, "cpu.cfs_burst_us") == "25000");
  CHECK(old.set_cpu_burst(*before, -1us).error().kind == ErrorKind::invalid);

  const auto v2 = v2_tree();
  const Hierarchy unified(v2);
  const auto after = unified.locate(kPid, kId);
  CHECK(unified.set_cpu_burst(*after, 25ms).error().kind == ErrorKind::not_found);
  v2->put("cpu", kGroup, "cpu.max.burst", "0\n");
  REQUIRE(unified.set_cpu_burst(*after, 25ms).has_value());
  CHECK(v2->read("cpu", kGroup, "cpu.max.burst") == "25000");
  CHECK(unified.set_cpu_burst(Location{}, 25ms).error().kind == ErrorKind::not_found);
}

TEST_CASE("the quota of a period is read, and 0 where there is none") {
  const auto v1 = v1_tree();
  const Hierarchy old(v1);
  const auto before = old.locate(kPid, kId);
  CHECK(old.cpu_quota(*before).error().kind == ErrorKind::not_found);
  v1->put("cpu", kGroup, "cpu.cfs_quota_us", "50000\n");
  CHECK(*old.cpu_quota(*before) == 50ms);
  v1->put("cpu", kGroup, "cpu.cfs_quota_us", "-1\n");
  CHECK(*old.cpu_quota(*before) == 0ms);

  const auto v2 = v2_tree();
  const Hierarchy unified(v2);
  const auto after = unified.locate(kPid, kId);
  v2->put("cpu", kGroup, "cpu.max", "25000 100000\n");
  CHECK(*unified.cpu_quota(*after) == 25ms);
  v2->put("cpu", kGroup, "cpu.max", "max 100000\n");
  CHECK(*unified.cpu_quota(*after) == 0ms);
  CHECK(unified.cpu_quota(Location{}).error().kind == ErrorKind::not_found);
}

TEST_CASE("this host's cgroups are found, or it is said that there are none") {
  const auto found = Hierarchy::find();
  if (found.has_error()) {
    CHECK(found.error().kind == ErrorKind::unavailable);
    return;
  }
  // This process is in no container of that name.
  CHECK(found->locate(::getpid(), kId).error().kind == ErrorKind::not_found);
  CHECK(found->locate(std::int64_t{1} << 40, kId).error().kind == ErrorKind::not_found);
  CHECK(found->read(Location{{{"memory", "/carrel-no-such-group"}}, "/carrel-no-such-group"}).error().kind ==
        ErrorKind::not_found);
}

}  // namespace carrel::cgroup
