#include <array>
#include <cstdio>

#include "hwtune/watch/health.hpp"

namespace carrel::hwtune {
namespace {

std::string number(double value) {
  std::array<char, 32> text{};
  const int length = std::snprintf(text.data(), text.size(), "%.15g", value);
  return std::string(text.data(), static_cast<std::size_t>(length));
}

std::string escaped(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    if (c == '\n') {
      safe += "\\n";
      continue;
    }
    if (c == '\\' || c == '"') safe += '\\';
    safe += c;
  }
  return safe;
}

/// One metric with all its series; nothing when it has none.
class Metric {
 public:
  Metric(const char* name, const char* type, const char* help) : name_(name) {
    head_ = "# HELP " + name_ + " " + help + "\n# TYPE " + name_ + " " + type + "\n";
  }

  Metric& add(double value) {
    lines_ += name_ + " " + number(value) + "\n";
    return *this;
  }

  template <class T>
  Metric& add(const std::optional<T>& value) {
    return value ? add(static_cast<double>(*value)) : *this;
  }

  template <class T>
  Metric& add(const char* label, const std::string& of, const std::optional<T>& value) {
    if (value) {
      lines_ +=
          name_ + "{" + label + "=\"" + escaped(of) + "\"} " + number(static_cast<double>(*value)) + "\n";
    }
    return *this;
  }

  [[nodiscard]] std::string text() const { return lines_.empty() ? std::string() : head_ + lines_; }

 private:
  std::string name_;
  std::string head_;
  std::string lines_;
};

std::optional<double> ratio(const std::optional<double>& percent) {
  return percent ? std::optional(*percent / 100) : std::nullopt;
}

std::string of_disks(const std::vector<DiskHealth>& disks) {
  Metric passed("carrel_machine_disk_healthy", "gauge", "Whether the disk's own test of its health passed.");
  Metric worn("carrel_machine_disk_worn_ratio", "gauge",
              "Share of what the disk is made for that is used up.");
  Metric bad("carrel_machine_disk_bad_sectors", "gauge",
             "Sectors that were, or are to be, replaced; media errors.");
  Metric celsius("carrel_machine_disk_temperature_celsius", "gauge", "Of the disk.");
  for (const auto& disk : disks) {
    passed.add("disk", disk.device, disk.passed);
    worn.add("disk", disk.device, disk.worn);
    bad.add("disk", disk.device, disk.bad_sectors);
    celsius.add("disk", disk.device, disk.celsius);
  }
  return passed.text() + worn.text() + bad.text() + celsius.text();
}

}  // namespace

std::string prometheus_of(const Health& health) {
  const auto& strain = health.strain;
  Metric celsius("carrel_machine_temperature_celsius", "gauge", "Of each sensor of the processor.");
  Metric warm("carrel_machine_warm_celsius", "gauge", "From here on carreld converts fewer films.");
  Metric hot("carrel_machine_hot_celsius", "gauge", "From here on carreld starts no new sandbox.");
  // Two sensors may have one name, and a series may be there but once.
  std::vector<std::string> names;
  for (const auto& sensor : health.sensors) {
    std::string name = sensor.name;
    const auto times = std::count(names.begin(), names.end(), sensor.name);
    names.push_back(sensor.name);
    if (times > 0) name += "-" + std::to_string(times + 1);
    celsius.add("sensor", name, std::optional(sensor.celsius));
    if (const auto bounds = machine::heat_bounds_of(sensor)) {
      warm.add("sensor", name, std::optional(bounds->warm));
      hot.add("sensor", name, std::optional(bounds->hot));
    }
  }
  Metric errors("carrel_machine_link_errors_total", "counter", "Packets that were received or sent wrongly.");
  Metric dropped("carrel_machine_link_dropped_total", "counter", "Packets that were dropped.");
  for (const auto& link : health.links) {
    errors.add("link", link.name, std::optional(link.errors));
    dropped.add("link", link.name, std::optional(link.dropped));
  }
  return celsius.text() + warm.text() + hot.text() +
         Metric("carrel_machine_throttled_total", "counter",
                "Times that processors were slowed down for heat.")
             .add(strain.throttled)
             .text() +
         Metric("carrel_machine_memory_available_bytes", "gauge", "Memory that can be had without swapping.")
             .add(strain.memory_available)
             .text() +
         Metric("carrel_machine_memory_stalled_ratio", "gauge",
                "Share of 10 s in which work waited for memory.")
             .add("who", "some", ratio(strain.some_stalled))
             .add("who", "all", ratio(strain.all_stalled))
             .text() +
         errors.text() + dropped.text() + of_disks(health.disks) +
         Metric("carrel_machine_watched_timestamp_seconds", "gauge", "When this was written.")
             .add(static_cast<double>(health.at))
             .text();
}

}  // namespace carrel::hwtune
