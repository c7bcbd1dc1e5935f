#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "hwtune/machine/facts.hpp"
#include "hwtune/machine/root.hpp"

namespace carrel::machine {

struct HeatBounds {
  double warm = 0;
  double hot = 0;
};

/// The lowest trip that is meant for slowing down, else something below the critical one; of AMD's processors
/// that tell neither, what most of them bear; none: nobody knows.
[[nodiscard]] std::optional<HeatBounds> heat_bounds_of(const Sensor& sensor);

struct MemoryBounds {
  std::uint64_t scarce = 0;
  std::uint64_t least = 0;
};

/// Below which memory that is available a daemon has less to do, and nothing new. `reserve`: bytes that shall
/// stay available to the machine.
[[nodiscard]] constexpr MemoryBounds memory_bounds_of(std::uint64_t reserve) {
  return {2 * reserve, reserve};
}

/// How hard it is for a machine just now: heat and want of memory.
struct Strain {
  std::string sensor;             ///< the one that is nearest to what it bears; empty: none to be seen
  std::optional<double> celsius;  ///< its temperature
  std::optional<double> warm;     ///< from here on it should have less to do
  std::optional<double> hot;      ///< from here on it should have nothing new to do
  /// Times that processors were slowed down because of heat, since the start; none: the kernel does not tell.
  std::optional<std::uint64_t> throttled;
  std::uint64_t memory_total = 0;
  std::optional<std::uint64_t> memory_available;
  /// Share of the last ten seconds in which some, and in which all, who wanted to run waited for memory, in
  /// percent (PSI); none: the kernel does not tell.
  std::optional<double> some_stalled;
  std::optional<double> all_stalled;
};

/// Reads a dozen of the kernel's files. Some sensors are asked over a slow bus: not for an I/O thread.
[[nodiscard]] Strain read_strain(const Root& root);

}  // namespace carrel::machine
