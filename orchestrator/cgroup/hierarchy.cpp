#include "orchestrator/cgroup/hierarchy.hpp"

#include <string>
#include <utility>

#include "orchestrator/cgroup/libcgroup_tree.hpp"
#include "orchestrator/cgroup/values.hpp"

namespace carrel::cgroup {
namespace {

/// The files of one group; one that is not there reads as empty, of which nothing can be parsed.
class Files {
 public:
  Files(const Tree& tree, std::string controller, std::string group)
      : tree_(tree), controller_(std::move(controller)), group_(std::move(group)) {}

  [[nodiscard]] std::optional<std::string> text(const char* file) const {
    return tree_.read(controller_, group_, file);
  }
  [[nodiscard]] std::string text_or_none(const char* file) const {
    return text(file).value_or(std::string());
  }
  [[nodiscard]] Count count(const char* file) const { return parse_count(text_or_none(file)); }

 private:
  const Tree& tree_;
  std::string controller_;
  std::string group_;
};

void take(const Transferred& transferred, Usage& usage) {
  usage.read_bytes = transferred.read_bytes;
  usage.written_bytes = transferred.written_bytes;
}

void read_memory_v1(const Files& files, Usage& usage) {
  usage.memory_bytes = files.count("memory.usage_in_bytes");
  usage.memory_peak_bytes = files.count("memory.max_usage_in_bytes");
  usage.memory_limit_bytes = parse_limit_v1(files.text_or_none("memory.limit_in_bytes"));
  usage.memory_cache_bytes = parse_keyed(files.text_or_none("memory.stat"), "total_cache");
  usage.oom_kills = parse_keyed(files.text_or_none("memory.oom_control"), "oom_kill");
}

void read_cpu_v1(const Files& files, Usage& usage) {
  const std::string stat = files.text_or_none("cpu.stat");
  usage.cpu_periods = parse_keyed(stat, "nr_periods");
  usage.cpu_throttled_periods = parse_keyed(stat, "nr_throttled");
  usage.cpu_throttled_time = from_nanoseconds(parse_keyed(stat, "throttled_time"));
}

void read_pids(const Files& files, Usage& usage) {
  usage.pids = files.count("pids.current");
  usage.pids_limit = files.count("pids.max");
}

void read_io_v1(const Files& files, Usage& usage) {
  auto text = files.text("blkio.throttle.io_service_bytes_recursive");
  if (!text) text = files.text("blkio.throttle.io_service_bytes");
  if (text) take(parse_io_v1(*text), usage);
}

void read_memory_v2(const Files& files, Usage& usage) {
  usage.memory_bytes = files.count("memory.current");
  usage.memory_peak_bytes = files.count("memory.peak");
  usage.memory_limit_bytes = files.count("memory.max");
  usage.memory_cache_bytes = parse_keyed(files.text_or_none("memory.stat"), "file");
  usage.oom_kills = parse_keyed(files.text_or_none("memory.events"), "oom_kill");
}

void read_cpu_v2(const Files& files, Usage& usage) {
  const std::string stat = files.text_or_none("cpu.stat");
  usage.cpu_time = from_microseconds(parse_keyed(stat, "usage_usec"));
  usage.cpu_periods = parse_keyed(stat, "nr_periods");
  usage.cpu_throttled_periods = parse_keyed(stat, "nr_throttled");
  usage.cpu_throttled_time = from_microseconds(parse_keyed(stat, "throttled_usec"));
}

void read_pressure(const Files& files, Usage& usage) {
  usage.memory_pressure = parse_pressure(files.text_or_none("memory.pressure"));
  usage.cpu_pressure = parse_pressure(files.text_or_none("cpu.pressure"));
  usage.io_pressure = parse_pressure(files.text_or_none("io.pressure"));
}

struct CpuGroup {
  std::string group;
  bool unified = false;
};

CpuGroup cpu_group(const Location& location) {
  const auto v1 = location.v1.find("cpu");
  if (v1 == location.v1.end()) return {location.v2, true};
  return {v1->second, false};
}

}  // namespace

Result<Hierarchy> Hierarchy::find() {
  auto tree = open_tree();
  if (tree.has_error()) return tree.error();
  return Hierarchy(std::shared_ptr<const Tree>(std::move(*tree)));
}

Result<Location> Hierarchy::locate(std::int64_t pid, std::string_view container) const {
  if (pid <= 0) {
    return make_error(ErrorKind::not_found, "find the cgroups of container " + std::string(container) +
                                                ": it has no process; it does not run");
  }
  const auto groups = tree_->groups_of(pid);
  if (groups.has_error()) return groups.error();
  return parse_location(*groups, container);
}

Result<Usage> Hierarchy::read(const Location& location) const {
  Usage usage;
  const auto reads = [&](const char* controller, void (*read_v1)(const Files&, Usage&),
                         void (*read_v2)(const Files&, Usage&)) {
    const auto found = location.v1.find(controller);
    if (found != location.v1.end()) {
      read_v1(Files(*tree_, found->first, found->second), usage);
    } else if (!location.v2.empty()) {
      read_v2(Files(*tree_, kUnified, location.v2), usage);
    }
  };
  reads("memory", &read_memory_v1, &read_memory_v2);
  reads("cpu", &read_cpu_v1, &read_cpu_v2);
  reads("pids", &read_pids, &read_pids);
  reads("blkio", &read_io_v1, [](const Files& files, Usage& into) {
    if (const auto text = files.text("io.stat")) take(parse_io_v2(*text), into);
  });
  reads(
      "cpuacct",
      [](const Files& files, Usage& into) { into.cpu_time = from_nanoseconds(files.count("cpuacct.usage")); },
      [](const Files&, Usage&) {});
  if (!location.v2.empty()) read_pressure(Files(*tree_, kUnified, location.v2), usage);
  if (usage == Usage{}) {
    return make_error(ErrorKind::not_found,
                      "read the cgroups of a container: none of their files is there; "
                      "it has ended, or they are not mounted here");
  }
  return usage;
}

Result<std::chrono::microseconds> Hierarchy::cpu_quota(const Location& location) const {
  const auto [group, unified] = cpu_group(location);
  const std::string file = unified ? "cpu.max" : "cpu.cfs_quota_us";
  const auto text = group.empty() ? std::nullopt : tree_->read("cpu", group, file);
  if (!text) {
    return make_error(ErrorKind::not_found,
                      "read the CPU limit of cgroup " + group + ": there is no " + file + "; it has ended");
  }
  // "50000 100000\n" in v2; "max" and, in v1, -1 stand for no limit.
  const auto quota = from_microseconds(parse_count(text->substr(0, text->find(' '))));
  return std::chrono::duration_cast<std::chrono::microseconds>(quota.value_or(std::chrono::nanoseconds(0)));
}

Result<void> Hierarchy::set_cpu_burst(const Location& location, std::chrono::microseconds burst) const {
  const auto [group, unified] = cpu_group(location);
  const std::string file = unified ? "cpu.max.burst" : "cpu.cfs_burst_us";
  if (burst.count() < 0) {
    return make_error(ErrorKind::invalid, "set the CPU burst of cgroup " + group + ": it is below zero");
  }
  if (group.empty() || !tree_->read("cpu", group, file)) {
    return make_error(ErrorKind::not_found, "set the CPU burst of cgroup " + group + ": there is no " + file +
                                                "; Linux has it since 5.14");
  }
  return tree_->write("cpu", group, file, std::to_string(burst.count()));
}

}  // namespace carrel::cgroup
