#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hwtune/machine/facts.hpp"
#include "hwtune/measure/result.hpp"

/// How many viewers a machine can have, what bounds it, and the settings that follow. Pure.
namespace carrel::hwtune {

/// Shares that stay unused for whatever else the machine has to do.
inline constexpr double kCpuShare = 0.8;
inline constexpr double kMemoryShare = 0.75;  // 6 of 8 GB
inline constexpr double kLinkShare = 0.8;
inline constexpr double kDiskShare = 0.7;
/// What every machine should be able to have, viewers at once.
inline constexpr unsigned kFloor = 5;

struct Wish {
  double mbit = 8;  ///< of a stream; the capacity is told for others, too
  std::uint64_t sandbox_memory = 512ULL << 20;
  double sandbox_cpus = 0.5;
  std::uint64_t converter_memory = 1ULL << 30;
  double converter_cpus = 1;
};

struct Resource {
  std::string name;  ///< "processors", "memory", "network", "disk"
  std::string budget;
  std::string one;                  ///< what one stream takes of it
  std::optional<unsigned> streams;  ///< none: not known
  bool measured = false;
};

struct Capacity {
  double mbit = 0;
  unsigned streams = 0;
  std::string limited_by;
  std::vector<Resource> resources;
};

struct Settings {
  std::uint64_t sandbox_memory = 0;
  std::uint64_t viewer_memory = 0;  ///< of a session's sandbox; what indexes has sandbox_memory
  double sandbox_cpus = 0;
  unsigned max_total = 0;
  unsigned viewers = 0;
  std::uint64_t converter_memory = 0;
  double converter_cpus = 0;
  unsigned workers = 0;
  unsigned pool = 0;
  double admission_cpus = 0;
  std::uint64_t admission_memory = 0;
  std::uint64_t memory_reserve = 0;
  std::uint64_t bandwidth = 0;  ///< bytes a second; 0: not known
  std::uint64_t database_cache = 0;
  unsigned read_ahead_kib = 0;  ///< of the library's disk; for apply
};

struct Plan {
  std::string machine;
  std::int64_t made = 0;
  unsigned processors = 0;
  std::uint64_t memory = 0;
  bool measured = false;
  unsigned sessions = 0;
  std::string limited_by;
  Capacity wished;               ///< at the bitrate that was asked for
  std::vector<Capacity> others;  ///< at the usual ones
  unsigned conversions = 0;
  std::vector<RungSpeed> rungs;
  Settings settings;
  std::vector<std::string> warnings;
};

/// `measured`: of this machine; without it, cautious guesses stand in its place and the plan says so.
[[nodiscard]] Plan make_plan(const machine::Facts& facts, const std::string& machine,
                             const std::optional<Measured>& measured, const Wish& wish, std::int64_t now);

}  // namespace carrel::hwtune
