#include "hwtune/machine/strain.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "hwtune/machine/read.hpp"
#include "hwtune/machine/text.hpp"

namespace carrel::machine {
namespace {

constexpr double kBelowCritical = 15;
constexpr double kShortOfCritical = 5;
constexpr double kWarmToHot = 10;
// AMD's processors since Zen tell no bound, and most slow themselves down at 95 °C, some at 90: warm at 80
// and hot at 90 come before that. What they show is on the scale that this holds for, offset and all (Tctl).
constexpr double kCriticalOfZen = 95;

/// Of two sensors the one that sheds more comes first, then the one that is nearer to its next bound: they
/// bear so different heat that a cool one may be farther beyond its bound than a hot one.
std::pair<int, double> rank_of(double celsius, const HeatBounds& bounds) {
  if (celsius >= bounds.hot) return {2, celsius - bounds.hot};
  if (celsius >= bounds.warm) return {1, celsius - bounds.hot};
  return {0, celsius - bounds.warm};
}

void read_heat(const Root& root, Strain& strain) {
  for (const auto& sensor : read_sensors(root)) {
    const auto bounds = heat_bounds_of(sensor);
    if (!bounds) continue;
    if (strain.celsius &&
        rank_of(sensor.celsius, *bounds) <= rank_of(*strain.celsius, {*strain.warm, *strain.hot}))
      continue;
    strain.sensor = sensor.name;
    strain.celsius = sensor.celsius;
    strain.warm = bounds->warm;
    strain.hot = bounds->hot;
  }
}

/// Each processor of a package counts what slows down all of it.
void read_throttling(const Root& root, Strain& strain) {
  const std::string cpus = "sys/devices/system/cpu/";
  std::map<std::string, std::uint64_t> packages;
  for (const auto& name : root.list(cpus)) {
    if (!name.starts_with("cpu")) continue;
    const auto count_of = [&](const char* kind) -> std::optional<std::uint64_t> {
      const auto count = root.number(cpus + name + "/thermal_throttle/" + kind);
      if (!count || *count < 0) return std::nullopt;
      return static_cast<std::uint64_t>(*count);
    };
    if (const auto count = count_of("core_throttle_count")) {
      strain.throttled = strain.throttled.value_or(0) + *count;
    }
    if (const auto count = count_of("package_throttle_count")) {
      auto& most = packages[root.text(cpus + name + "/topology/physical_package_id").value_or("0")];
      most = std::max(most, *count);
    }
  }
  for (const auto& [package, count] : packages) strain.throttled = strain.throttled.value_or(0) + count;
}

/// "some avg10=0.12 avg60=… total=…" (the kernel's accounting/psi.rst).
std::optional<double> stalled_in(std::string_view pressure, std::string_view who) {
  for (const auto line : lines_of(pressure)) {
    const auto words = words_of(line);
    if (words.size() < 2 || words[0] != who || !words[1].starts_with("avg10=")) continue;
    return fraction_of(words[1].substr(6));
  }
  return std::nullopt;
}

}  // namespace

std::optional<HeatBounds> heat_bounds_of(const Sensor& sensor) {
  std::optional<double> slow;
  std::optional<double> critical;
  for (const auto& trip : sensor.trips) {
    auto& kind = trip.kind == "critical" ? critical : slow;
    // Active trips only turn a fan on.
    if (trip.kind != "active") kind = std::min(kind.value_or(trip.celsius), trip.celsius);
  }
  if (!slow && !critical && (sensor.name == "k10temp" || sensor.name == "zenpower"))
    critical = kCriticalOfZen;
  if (!slow && !critical) return std::nullopt;
  const double warm = slow ? *slow : *critical - kBelowCritical;
  const double hot = critical ? std::min(warm + kWarmToHot, *critical - kShortOfCritical) : warm + kWarmToHot;
  return HeatBounds{std::min(warm, hot), hot};
}

Strain read_strain(const Root& root) {
  Strain strain;
  read_heat(root, strain);
  read_throttling(root, strain);
  // Sandboxes are not in the control group of whoever asks: its bound says nothing about what they can have.
  const Memory memory = read_meminfo(root);
  strain.memory_total = memory.total;
  strain.memory_available = memory.available;
  const auto pressure = root.text("proc/pressure/memory").value_or("");
  strain.some_stalled = stalled_in(pressure, "some");
  strain.all_stalled = stalled_in(pressure, "full");
  return strain;
}

}  // namespace carrel::machine
