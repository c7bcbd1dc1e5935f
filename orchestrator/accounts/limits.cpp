#include "orchestrator/accounts/limits.hpp"

#include <string>

namespace carrel::accounts {
namespace {

constexpr std::uint64_t kib = 1ULL << 10;
constexpr std::uint64_t mib = 1ULL << 20;
constexpr double thousandth = 1e-3;

template <class T>
bool within(const std::optional<T>& value, std::uint64_t low, std::uint64_t high) {
  return !value || (*value >= low && *value <= high);
}

Error outside(const std::string& what) {
  return make_error(ErrorKind::invalid, "the limit " + what);
}

}  // namespace

LimitOverrides changed(LimitOverrides overrides, const LimitChanges& changes) {
  if (changes.sessions) overrides.sessions = *changes.sessions;
  if (changes.streams) overrides.streams = *changes.streams;
  if (changes.memory) overrides.memory = *changes.memory;
  if (changes.millicpus) overrides.millicpus = *changes.millicpus;
  if (changes.bandwidth) overrides.bandwidth = *changes.bandwidth;
  return overrides;
}

Limits with_overrides(Limits limits, const LimitOverrides& overrides) {
  limits.sessions = overrides.sessions.value_or(limits.sessions);
  limits.streams = overrides.streams.value_or(limits.streams);
  limits.memory = overrides.memory.value_or(limits.memory);
  if (overrides.millicpus) limits.cpus = *overrides.millicpus * thousandth;
  limits.bandwidth = overrides.bandwidth.value_or(limits.bandwidth);
  return limits;
}

Result<void> check(const LimitOverrides& overrides) {
  if (!within(overrides.sessions, 1, 1000)) return outside("\"sessions\" must be 1 to 1000");
  if (!within(overrides.streams, 1, 64)) return outside("\"streams\" must be 1 to 64");
  if (!within(overrides.memory, 16 * mib, mib * mib)) {
    return outside("\"memory\" must be 16 MiB to 1 TiB, in bytes");
  }
  if (!within(overrides.millicpus, 10, 1'024'000)) return outside("\"cpus\" must be 0.01 to 1024");
  if (overrides.bandwidth != 0U && !within(overrides.bandwidth, 16 * kib, 16 * kib * mib)) {
    return outside("\"bandwidth\" must be 0 (no bound), or 16 KiB to 16 GiB a second, in bytes");
  }
  return {};
}

}  // namespace carrel::accounts
