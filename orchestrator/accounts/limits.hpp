#pragma once

#include <cstdint>
#include <optional>

#include "base/error.hpp"

namespace carrel::accounts {

/// What one user may have. The role gives them, the user's own overrides come on top.
struct Limits {
  std::uint32_t sessions = 32;          ///< at once
  std::uint32_t streams = 16;           ///< answers at once in one session
  std::uint64_t memory = 512ULL << 20;  ///< bytes of a session's sandbox
  double cpus = 0.5;                    ///< of a session's sandbox
  std::uint64_t bandwidth = 0;          ///< bytes a second of a session; 0: no bound

  friend bool operator==(const Limits&, const Limits&) = default;
};

/// What differs for one user; what is absent is as the role has it.
struct LimitOverrides {
  std::optional<std::uint32_t> sessions{};
  std::optional<std::uint32_t> streams{};
  std::optional<std::uint64_t> memory{};
  std::optional<std::uint32_t> millicpus{};  ///< thousandths of a CPU
  std::optional<std::uint64_t> bandwidth{};

  friend bool operator==(const LimitOverrides&, const LimitOverrides&) = default;
};

inline constexpr LimitOverrides kNoOverrides;

/// The outer value: whether to change it; the inner one: to what, or back to what the role has.
struct LimitChanges {
  std::optional<std::optional<std::uint32_t>> sessions{};
  std::optional<std::optional<std::uint32_t>> streams{};
  std::optional<std::optional<std::uint64_t>> memory{};
  std::optional<std::optional<std::uint32_t>> millicpus{};
  std::optional<std::optional<std::uint64_t>> bandwidth{};
};

[[nodiscard]] LimitOverrides changed(LimitOverrides overrides, const LimitChanges& changes);
[[nodiscard]] Limits with_overrides(Limits limits, const LimitOverrides& overrides);

/// ErrorKind::invalid with the name and the range of the first that is outside: sessions 1 to 1000, streams 1
/// to 64, memory 16 MiB to 1 TiB, CPUs 0.01 to 1024, bandwidth 0 or 16 KiB/s to 16 GiB/s.
[[nodiscard]] Result<void> check(const LimitOverrides& overrides);

}  // namespace carrel::accounts
