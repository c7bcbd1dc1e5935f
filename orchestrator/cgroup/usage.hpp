#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace carrel::cgroup {

/// The share of the last ten seconds, from 0 to 1, in which tasks waited for a resource: `some` of them, or
/// all of them at once (`full`). https://docs.kernel.org/accounting/psi.html
struct Pressure {
  double some = 0;
  double full = 0;

  bool operator==(const Pressure&) const = default;
};

/// What one container has used and may use. Empty: the kernel has no such figure, or there is no limit. Sizes
/// in bytes; counters and times from the group's creation on.
struct Usage {
  std::optional<std::uint64_t> memory_bytes;        ///< all that counts towards the limit, cache included
  std::optional<std::uint64_t> memory_cache_bytes;  ///< that of files: given back when memory gets short
  std::optional<std::uint64_t> memory_peak_bytes;
  std::optional<std::uint64_t> memory_limit_bytes;
  std::optional<std::uint64_t> oom_kills;  ///< processes killed
  std::optional<std::chrono::nanoseconds> cpu_time;
  std::optional<std::uint64_t> cpu_periods;
  std::optional<std::uint64_t> cpu_throttled_periods;
  std::optional<std::chrono::nanoseconds> cpu_throttled_time;
  std::optional<std::uint64_t> pids;
  std::optional<std::uint64_t> pids_limit;
  std::optional<std::uint64_t> read_bytes;  ///< from block devices; what the cache had is not counted
  std::optional<std::uint64_t> written_bytes;
  std::optional<Pressure> memory_pressure;
  std::optional<Pressure> cpu_pressure;
  std::optional<Pressure> io_pressure;

  bool operator==(const Usage&) const = default;
};

}  // namespace carrel::cgroup
