#include "orchestrator/strain/shedder.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace carrel::strain {
namespace {

constexpr std::chrono::seconds kBetterFor{30};
// To come down, it must be so much better than what made it rise.
constexpr double kRising = 0;
constexpr double kFalling = 1;
constexpr double kCooler = 3;          // degrees
constexpr double kMoreMemory = 0.25;   // of the bound
constexpr double kLessPressure = 0.5;  // of the bound

constexpr double kSomewhatStalled = 5;  // percent of the time
constexpr double kBadlyStalled = 20;
// The kernel counts who waits at a limit of its own too, which says nothing about the machine: waiting counts
// only where less than so many times the reserve, or a tenth of the memory, is left.
constexpr std::uint64_t kLittle = 4;
constexpr std::uint64_t kLittleOfAll = 10;

std::string degrees(double celsius) {
  return std::to_string(std::lround(celsius)) + " °C";
}

std::string mebibytes(std::uint64_t bytes) {
  return std::to_string(bytes >> 20U) + " MiB";
}

bool is_hot(const machine::Strain& strain, const std::optional<double>& bound, double slack) {
  return strain.celsius && bound && *strain.celsius >= *bound - slack * kCooler;
}

bool is_short(const machine::Strain& strain, std::uint64_t bound, double slack) {
  return strain.memory_available && static_cast<double>(*strain.memory_available) <
                                        static_cast<double>(bound) * (1 + slack * kMoreMemory);
}

bool is_stalled(const machine::Strain& strain, std::uint64_t reserve, double bound, double slack) {
  const std::uint64_t little = std::max(kLittle * reserve, strain.memory_total / kLittleOfAll);
  const bool may_be = !strain.memory_available || is_short(strain, little, slack);
  return may_be && strain.all_stalled && *strain.all_stalled >= bound * (1 - slack * kLessPressure);
}

std::string heat_of(const machine::Strain& strain, double bound) {
  return "the machine is too hot (" + strain.sensor + " " + degrees(*strain.celsius) + ", bound " +
         degrees(bound) + ")";
}

std::string stall_of(const machine::Strain& strain) {
  return "the machine is short of memory (everything waits for it " +
         std::to_string(std::lround(*strain.all_stalled)) + "% of the time)";
}

std::string shortage_of(const machine::Strain& strain) {
  return "the machine is short of memory (" + mebibytes(*strain.memory_available) + " left)";
}

/// `slack` 0: what makes it rise; 1: what keeps it from coming down.
Shedding needed_for_heat(const machine::Strain& strain, double slack, bool throttled) {
  const auto of = [](Level level, std::string why) { return Shedding{level, Cause::heat, std::move(why)}; };
  if (is_hot(strain, strain.hot, slack)) return of(Level::no_new_sandboxes, heat_of(strain, *strain.hot));
  if (is_hot(strain, strain.warm, slack)) return of(Level::fewer_conversions, heat_of(strain, *strain.warm));
  if (throttled) return of(Level::fewer_conversions, "the processor is slowed down because of heat");
  return {};
}

Shedding worse_of(Shedding heat, Shedding memory) {
  return heat.level >= memory.level ? std::move(heat) : std::move(memory);
}

}  // namespace

Shedding Shedder::needed_for_memory(const machine::Strain& strain, double slack) const {
  const auto of = [](Level level, std::string why) { return Shedding{level, Cause::memory, std::move(why)}; };
  if (is_stalled(strain, reserve_, kBadlyStalled, slack))
    return of(Level::no_new_sandboxes, stall_of(strain));
  const auto bounds = machine::memory_bounds_of(reserve_);
  if (is_short(strain, bounds.least, slack)) return of(Level::no_new_sandboxes, shortage_of(strain));
  if (is_stalled(strain, reserve_, kSomewhatStalled, slack))
    return of(Level::fewer_conversions, stall_of(strain));
  if (is_short(strain, bounds.scarce, slack)) return of(Level::fewer_conversions, shortage_of(strain));
  return {};
}

const Shedding& Shedder::judge(const machine::Strain& strain, Clock::time_point now) {
  const bool throttled = throttled_before_ && strain.throttled > throttled_before_;
  throttled_before_ = strain.throttled;
  Shedding rise = worse_of(needed_for_heat(strain, kRising, throttled), needed_for_memory(strain, kRising));
  if (rise.level > now_.level) {
    better_since_.reset();
    now_ = std::move(rise);
    return now_;
  }
  const Shedding heat = needed_for_heat(strain, kFalling, throttled);
  const Shedding memory = needed_for_memory(strain, kFalling);
  Shedding still = worse_of(heat, memory);
  if (still.level >= now_.level) {
    better_since_.reset();
    // The figures in it change with every look; they are told when the level does, or what it is for.
    const Level same = now_.cause == Cause::heat     ? heat.level
                       : now_.cause == Cause::memory ? memory.level
                                                     : Level::none;
    if (same < now_.level) {
      if (rise.level == now_.level)
        now_ = std::move(rise);
      else if (still.level == now_.level)
        now_ = std::move(still);
    }
    return now_;
  }
  if (!better_since_) better_since_ = now;
  if (now - *better_since_ < kBetterFor) return now_;
  better_since_.reset();
  const auto lower = static_cast<Level>(static_cast<int>(now_.level) - 1);
  if (still.level < lower) still = {lower, Cause::recovery, "the machine has only just recovered"};
  now_ = lower == Level::none ? Shedding{} : std::move(still);
  return now_;
}

}  // namespace carrel::strain
