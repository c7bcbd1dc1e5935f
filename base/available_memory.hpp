#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace carrel {

/// Bytes that can be had without swapping: MemAvailable of /proc/meminfo (proc(5)), and what ZFS's cache,
/// which the kernel counts as used, gives back when it is asked to. `arcstats`: /proc/spl/kstat/zfs/arcstats,
/// empty where there is no ZFS.
[[nodiscard]] std::optional<std::uint64_t> available_memory(std::string_view meminfo,
                                                            std::string_view arcstats);

}  // namespace carrel
