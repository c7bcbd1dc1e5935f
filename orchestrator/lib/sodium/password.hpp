#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/error.hpp"

namespace carrel::sodium {

/// What one hash costs, and so what a guess costs. The defaults are RFC 9106 section 4's second choice (64
/// MiB, three passes) with the one lane that libsodium has: about 0.15 s of one CPU.
struct HashCost {
  std::uint64_t passes = 3;
  std::size_t memory_bytes = std::size_t{64} << 20;
};

/// argon2id with a random salt, as the usual text "$argon2id$…" that carries its own parameters. Blocks and
/// takes `cost.memory_bytes`: bound how many run at once. ErrorKind::busy when the memory is not to be had.
[[nodiscard]] Result<std::string> hash_password(const std::string& password, HashCost cost);

/// Whether `password` made `hash`; the same time whether it did. Blocks. A hash that cannot be read is just
/// not matched.
[[nodiscard]] bool verify_password(const std::string& hash, const std::string& password);

}  // namespace carrel::sodium
