#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hwtune/plan/plan.hpp"

/// What of each part of a machine films may have.
namespace carrel::hwtune {

struct Budgets {
  double cpus = 0;
  double cpu_ms_per_mb = 0;
  bool cpu_measured = false;
  std::uint64_t memory = 0;          ///< bytes, for containers
  std::optional<double> link_bytes;  ///< a second
  std::int64_t link_mbit = 0;        ///< of the link that these are of
  bool link_told = false;            ///< by the link; else a guess
  double disk_bytes = 0;             ///< a second, read by many at once
  bool disk_measured = false;
  std::string disk_kind;
};

[[nodiscard]] Budgets budgets_of(const machine::Facts& facts, const std::optional<Measured>& measured);

/// Those that the library is on, else the first there is; none when none can be seen.
[[nodiscard]] std::vector<const machine::Disk*> library_disks(const machine::Facts& facts);
/// A seek of a rotating disk costs as much time as reading a megabyte.
[[nodiscard]] unsigned read_ahead_kib_for(const machine::Disk& disk);

/// CPUs that one stream takes.
[[nodiscard]] double cpus_of_stream(const Budgets& budgets, double mbit);
/// Bytes a second on the wire, headers included.
[[nodiscard]] double wire_bytes(double mbit);
[[nodiscard]] double film_bytes(double mbit);

}  // namespace carrel::hwtune
