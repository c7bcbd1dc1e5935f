#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/error.hpp"
#include "orchestrator/cgroup/location.hpp"
#include "orchestrator/cgroup/tree.hpp"
#include "orchestrator/cgroup/usage.hpp"

namespace carrel::cgroup {

/// What the kernel tells of containers, and takes from us, without their engine. Every call blocks on the
/// kernel (well under a millisecond); any thread. Copies share the tree.
class Hierarchy {
 public:
  /// This host's. ErrorKind::unavailable: its cgroups cannot be seen from here.
  [[nodiscard]] static Result<Hierarchy> find();
  explicit Hierarchy(std::shared_ptr<const Tree> tree) : tree_(std::move(tree)) {}

  /// The groups of the container whose first process is `pid` (in this process's numbers). `container` is the
  /// engine's full id, by which a process that has got the same number since is told apart.
  /// ErrorKind::not_found: the container is gone, or its groups are not to be seen from here.
  [[nodiscard]] Result<Location> locate(std::int64_t pid, std::string_view container) const;

  /// ErrorKind::not_found: not one of its files can be read; the container is gone, most likely.
  [[nodiscard]] Result<Usage> read(const Location& location) const;

  /// What the container may use of CPU time in each period; 0: no limit. ErrorKind::not_found: the container
  /// is gone, most likely.
  [[nodiscard]] Result<std::chrono::microseconds> cpu_quota(const Location& location) const;

  /// How much CPU time the container may save up while it is idle and then use beyond its limit, in addition
  /// to each period's quota; 0 to the quota of a period. The kernel refuses a quota below the burst: set it
  /// to 0 before the engine lowers the container's CPU limit. ErrorKind::not_found: the kernel (before 5.14)
  /// has none; invalid: more than the quota; forbidden.
  /// https://docs.kernel.org/scheduler/sched-bwc.html#burst-feature
  [[nodiscard]] Result<void> set_cpu_burst(const Location& location, std::chrono::microseconds burst) const;

 private:
  std::shared_ptr<const Tree> tree_;
};

}  // namespace carrel::cgroup
