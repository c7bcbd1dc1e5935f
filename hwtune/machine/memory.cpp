#include <algorithm>

#include "base/available_memory.hpp"
#include "hwtune/machine/read.hpp"
#include "hwtune/machine/text.hpp"

namespace carrel::machine {
namespace {

std::optional<std::uint64_t> bytes_in(std::string_view meminfo, std::string_view name) {
  const auto value = field_of(meminfo, name);
  if (!value) return std::nullopt;
  const auto kib = number_of(value->substr(0, value->find(' ')));
  if (!kib || *kib < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*kib) << 10U;
}

/// "max", and v1's number of almost 2^63, are no bound.
std::optional<std::uint64_t> bound_in(const Root& root) {
  constexpr std::int64_t kNoBound = std::int64_t{1} << 60;
  for (const auto* path : {"sys/fs/cgroup/memory.max", "sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    const auto bytes = root.number(path);
    if (bytes && *bytes > 0 && *bytes < kNoBound) return static_cast<std::uint64_t>(*bytes);
  }
  return std::nullopt;
}

}  // namespace

Memory read_meminfo(const Root& root) {
  const auto content = root.read("proc/meminfo");
  const std::string meminfo = content ? *content : std::string();
  Memory memory;
  memory.total = bytes_in(meminfo, "MemTotal").value_or(0);
  const auto cache = root.read("proc/spl/kstat/zfs/arcstats");
  memory.available = available_memory(meminfo, cache ? *cache : std::string());
  memory.swap_total = bytes_in(meminfo, "SwapTotal").value_or(0);
  memory.swap_free = bytes_in(meminfo, "SwapFree").value_or(0);
  return memory;
}

Memory read_memory(const Root& root) {
  Memory memory = read_meminfo(root);
  if (const auto bound = bound_in(root)) {
    memory.total = memory.total == 0 ? *bound : std::min(memory.total, *bound);
    if (memory.available) memory.available = std::min(*memory.available, *bound);
  }
  return memory;
}

}  // namespace carrel::machine
