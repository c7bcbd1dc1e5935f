#include <string>

#include "hwtune/machine/read.hpp"

namespace carrel::machine {
namespace {

constexpr double kMilli = 1000;

std::optional<double> celsius_in(const Root& root, const std::string& path) {
  const auto milli = root.number(path);
  if (!milli) return std::nullopt;
  return static_cast<double>(*milli) / kMilli;
}

/// Trips at or under zero are the kernel's way to say that there is none.
void add_trip(std::vector<Trip>& trips, std::string kind, std::optional<double> celsius) {
  if (celsius && *celsius > 0) trips.push_back({std::move(kind), *celsius});
}

std::optional<Sensor> zone_in(const Root& root, const std::string& zone) {
  const auto celsius = celsius_in(root, zone + "/temp");
  if (!celsius) return std::nullopt;
  Sensor sensor{root.text(zone + "/type").value_or("thermal zone"), *celsius, {}};
  for (int i = 0;; ++i) {
    const std::string trip = zone + "/trip_point_" + std::to_string(i);
    const auto kind = root.text(trip + "_type");
    if (!kind) break;
    add_trip(sensor.trips, *kind, celsius_in(root, trip + "_temp"));
  }
  return sensor;
}

std::optional<Sensor> monitor_in(const Root& root, const std::string& monitor) {
  const auto name = root.text(monitor + "/name").value_or("");
  // Of the others (batteries, radios) nobody knows what is too hot.
  const bool of_processor =
      name == "coretemp" || name == "k10temp" || name == "zenpower" || name == "cpu_thermal";
  if (!of_processor) return std::nullopt;
  const auto celsius = celsius_in(root, monitor + "/temp1_input");
  if (!celsius) return std::nullopt;
  Sensor sensor{name, *celsius, {}};
  add_trip(sensor.trips, "max", celsius_in(root, monitor + "/temp1_max"));
  add_trip(sensor.trips, "critical", celsius_in(root, monitor + "/temp1_crit"));
  return sensor;
}

}  // namespace

std::vector<Sensor> read_sensors(const Root& root) {
  std::vector<Sensor> sensors;
  const auto add = [&](std::optional<Sensor> sensor) {
    if (sensor) sensors.push_back(std::move(*sensor));
  };
  const std::string zones = "sys/class/thermal/";
  for (const auto& name : root.list(zones)) {
    if (name.starts_with("thermal_zone")) add(zone_in(root, zones + name));
  }
  const std::string monitors = "sys/class/hwmon/";
  for (const auto& name : root.list(monitors)) add(monitor_in(root, monitors + name));
  return sensors;
}

}  // namespace carrel::machine
