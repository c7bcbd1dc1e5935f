#include "orchestrator/sandbox/docker/stats.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include "orchestrator/sandbox/docker/json.hpp"

namespace carrel::sandbox::docker {
namespace {

using Count = std::optional<std::uint64_t>;

Count count_of(const Json& object, const char* key) {
  const Json& value = member(object, key);
  if (value.is_number_unsigned()) return value.get<std::uint64_t>();
  return std::nullopt;
}

std::optional<std::chrono::nanoseconds> time_of(const Json& object, const char* key) {
  const Count count = count_of(object, key);
  if (!count || *count > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) return std::nullopt;
  return std::chrono::nanoseconds(*count);
}

/// Docker says 0 or all ones where there is no limit.
Count limit_of(const Json& object, const char* key) {
  const Count count = count_of(object, key);
  if (count == Count(0) || count == Count(std::numeric_limits<std::uint64_t>::max())) return std::nullopt;
  return count;
}

/// The sum over the devices; "Read" on cgroup v1, "read" on v2.
Count sum_of(const Json& entries, std::string_view upper, std::string_view lower) {
  if (!entries.is_array()) return std::nullopt;
  std::uint64_t sum = 0;
  for (const Json& entry : entries) {
    const std::string what = text_of(entry, "op");
    if (what == upper || what == lower) sum += count_of(entry, "value").value_or(0);
  }
  return sum;
}

}  // namespace

Result<cgroup::Usage> parse_stats(std::string_view body) {
  const Json answer = parse_json(body);
  const Json& memory = member(answer, "memory_stats");
  const Json& cpu = member(answer, "cpu_stats");
  const Json& throttling = member(cpu, "throttling_data");
  const Json& pids = member(answer, "pids_stats");
  const Json& io = member(member(answer, "blkio_stats"), "io_service_bytes_recursive");
  cgroup::Usage usage;
  usage.memory_bytes = count_of(memory, "usage");
  usage.memory_peak_bytes = count_of(memory, "max_usage");
  usage.memory_limit_bytes = limit_of(memory, "limit");
  const Json& details = member(memory, "stats");
  usage.memory_cache_bytes = count_of(details, "total_cache");
  if (!usage.memory_cache_bytes) usage.memory_cache_bytes = count_of(details, "file");
  usage.cpu_time = time_of(member(cpu, "cpu_usage"), "total_usage");
  usage.cpu_periods = count_of(throttling, "periods");
  usage.cpu_throttled_periods = count_of(throttling, "throttled_periods");
  usage.cpu_throttled_time = time_of(throttling, "throttled_time");
  usage.pids = count_of(pids, "current");
  usage.pids_limit = limit_of(pids, "limit");
  usage.read_bytes = sum_of(io, "Read", "read");
  usage.written_bytes = sum_of(io, "Write", "write");
  if (usage == cgroup::Usage{}) {
    return make_error(ErrorKind::unavailable,
                      "the engine's answer has no figure of the container; see journalctl -u docker");
  }
  return usage;
}

}  // namespace carrel::sandbox::docker
