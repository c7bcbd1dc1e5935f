#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "orchestrator/cgroup/usage.hpp"

/// The texts of cgroup files as values. Pure; whatever is not as the kernel writes it is no value.
/// v1: https://docs.kernel.org/admin-guide/cgroup-v1/, v2: https://docs.kernel.org/admin-guide/cgroup-v2.html
namespace carrel::cgroup {

using Count = std::optional<std::uint64_t>;

/// "123\n". "max", v2's word for no limit, is none.
[[nodiscard]] Count parse_count(std::string_view text);
/// The number in the line "key 123" of a flat keyed file (memory.stat, cpu.stat, memory.events).
[[nodiscard]] Count parse_keyed(std::string_view text, std::string_view key);
/// v1 counts in pages of a signed 64-bit number of bytes, and says the greatest for no limit.
[[nodiscard]] Count parse_limit_v1(std::string_view text);

struct Transferred {
  std::uint64_t read_bytes = 0;
  std::uint64_t written_bytes = 0;

  bool operator==(const Transferred&) const = default;
};
/// Lines "8:0 Read 123" of blkio.throttle.io_service_bytes, summed over the devices.
[[nodiscard]] Transferred parse_io_v1(std::string_view text);
/// Lines "8:0 rbytes=123 wbytes=45 …" of io.stat, summed over the devices.
[[nodiscard]] Transferred parse_io_v2(std::string_view text);

/// Lines "some avg10=12.34 …" and "full avg10=…" of memory.pressure and its like; the second is absent from
/// cpu.pressure before Linux 5.13.
[[nodiscard]] std::optional<Pressure> parse_pressure(std::string_view text);

/// None when it is more than the type holds, 292 years.
[[nodiscard]] std::optional<std::chrono::nanoseconds> from_nanoseconds(Count count);
[[nodiscard]] std::optional<std::chrono::nanoseconds> from_microseconds(Count count);

}  // namespace carrel::cgroup
