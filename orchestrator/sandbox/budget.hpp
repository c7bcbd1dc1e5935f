#pragma once

#include <cstdint>
#include <optional>

#include "base/error.hpp"

/// What of the host all sandboxes together may be promised. Pure but for read_available_memory().
namespace carrel::sandbox {

struct Budget {
  double cpus = 0;                   ///< sum of the sandboxes' limits; 0: no bound
  std::uint64_t memory_bytes = 0;    ///< sum of the sandboxes' limits; 0: no bound
  std::uint64_t memory_reserve = 0;  ///< bytes that stay available to the host, whatever was promised
};

struct Promised {
  double cpus = 0;
  std::uint64_t memory_bytes = 0;
};

/// ErrorKind::busy, with what is short, when `promised` (the newcomer included) does not fit. `available`:
/// read_available_memory(), if it is known.
[[nodiscard]] Result<void> fits(const Budget& budget, const Promised& promised,
                                std::optional<std::uint64_t> available);

/// As available_memory() of base/ has it. Reads the kernel's own figures: never waits for a disk.
[[nodiscard]] std::optional<std::uint64_t> read_available_memory();

}  // namespace carrel::sandbox
