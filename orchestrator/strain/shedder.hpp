#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "hwtune/machine/strain.hpp"

/// What a daemon no longer takes on when its machine has a hard time. Pure.
namespace carrel::strain {

enum class Level {
  none,
  fewer_conversions,  ///< half of them; of one, none
  no_new_sandboxes,   ///< and no conversion
};

enum class Cause { none, heat, memory, recovery };

struct Shedding {
  Level level = Level::none;
  Cause cause = Cause::none;
  std::string why;  ///< for people; empty: none

  friend bool operator==(const Shedding&, const Shedding&) = default;
};

/// Judges one look after the other. Rises at once; comes down a level at a time, and only when the machine
/// has had it clearly better for a while: what was shed would otherwise be taken on and shed again and again.
class Shedder {
 public:
  using Clock = std::chrono::steady_clock;

  /// `memory_reserve`: bytes that shall stay available to the host.
  explicit Shedder(std::uint64_t memory_reserve) : reserve_(memory_reserve) {}

  const Shedding& judge(const machine::Strain& strain, Clock::time_point now);

 private:
  [[nodiscard]] Shedding needed_for_memory(const machine::Strain& strain, double slack) const;

  std::uint64_t reserve_;
  std::optional<std::uint64_t> throttled_before_;
  std::optional<Clock::time_point> better_since_;
  Shedding now_;
};

}  // namespace carrel::strain
