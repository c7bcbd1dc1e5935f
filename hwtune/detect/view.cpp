#include "hwtune/detect/view.hpp"

#include <array>
#include <cstdio>

#include "terminal/table.hpp"
#include "terminal/units.hpp"

namespace carrel::hwtune {
namespace {

using terminal::Cell;
using terminal::Tone;
using Fields = std::vector<std::pair<std::string, Cell>>;

std::string joined(const std::vector<std::string>& parts, const char* between = " ") {
  std::string text;
  for (const auto& part : parts) {
    if (!part.empty()) text += (text.empty() ? "" : between) + part;
  }
  return text;
}

std::string bytes(std::uint64_t count) {
  return terminal::bytes_text(static_cast<double>(count));
}

std::string celsius(double value) {
  std::array<char, 32> text{};
  const int length = std::snprintf(text.data(), text.size(), "%.0f °C", value);
  return std::string(text.data(), static_cast<std::size_t>(length));
}

std::string count(unsigned number, const char* what) {
  return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

std::string heading(const std::string& title, const terminal::Style& style) {
  return "\n" + terminal::painted(title, Tone::strong, style) + "\n";
}

std::string or_nothing(const std::optional<std::int64_t>& value, const char* unit = "") {
  return value ? std::to_string(*value) + unit : terminal::kNothing;
}

void add_cpu(Fields& fields, const machine::Cpu& cpu) {
  fields.push_back({"processor", {cpu.model.empty() ? terminal::kNothing : cpu.model}});
  fields.push_back(
      {"",
       {joined({count(cpu.sockets, "socket"), count(cpu.cores, "core"), count(cpu.threads, "thread"),
                cpu.max_mhz ? "up to " + std::to_string(*cpu.max_mhz) + " MHz" : ""},
               ", ")}});
  if (cpu.quota) {
    std::array<char, 48> text{};
    const int length = std::snprintf(text.data(), text.size(), "held to %.2f CPUs by its cgroup", *cpu.quota);
    fields.push_back({"", {std::string(text.data(), static_cast<std::size_t>(length)), Tone::busy}});
  }
  fields.push_back({"instructions", {cpu.features.empty() ? terminal::kNothing : joined(cpu.features)}});
  const std::string others = cpu.governors.empty() ? "" : "(of " + joined(cpu.governors, ", ") + ")";
  fields.push_back({"governor", {cpu.governor ? joined({*cpu.governor, others}) : "not to be seen here"}});
}

void add_memory(Fields& fields, const machine::Memory& memory) {
  const std::string available = memory.available ? bytes(*memory.available) + " available" : "";
  fields.push_back({"memory", {joined({bytes(memory.total), available}, ", ")}});
  const std::string used = memory.swap_total > 0 ? bytes(memory.swap_total) + ", " +
                                                       bytes(memory.swap_total - memory.swap_free) + " in use"
                                                 : "none";
  fields.push_back({"swap", {used}});
}

void add_sensors(Fields& fields, const std::vector<machine::Sensor>& sensors) {
  if (sensors.empty()) fields.push_back({"temperature", {"no sensor to be seen"}});
  for (const auto& sensor : sensors) {
    std::string trips;
    for (const auto& trip : sensor.trips) trips += ", " + trip.kind + " " + celsius(trip.celsius);
    fields.push_back({"temperature", {sensor.name + " " + celsius(sensor.celsius) + trips}});
  }
}

void add_engine(Fields& fields, const Engine& engine) {
  if (!engine.answers) {
    fields.push_back({"Docker", {"does not answer: " + engine.why_not, Tone::bad}});
    return;
  }
  fields.push_back({"Docker",
                    {joined({engine.version, "API " + engine.api, "storage " + engine.storage,
                             "runtime " + engine.runtime},
                            ", ")}});
}

std::string kind_of(const machine::Disk& disk) {
  if (disk.device.empty()) return "cannot be seen";
  if (!disk.rotating) return "disk";
  if (is_virtual(disk)) return "virtual disk";
  if (*disk.rotating) return "rotating disk";
  return disk.device.starts_with("nvme") ? "NVMe" : "SSD";
}

std::string trim_of(const machine::Disk& disk) {
  if (disk.trims_at_once) return "at once (discard)";
  return disk.trims ? "can; see fstrim.timer" : "no";
}

std::string view_of(const machine::Disk& disk, const terminal::Style& style) {
  Fields fields;
  fields.push_back({"holds", {joined(disk.paths, ", ")}});
  std::vector<std::string> beside;
  for (const auto& other : disk.beside) beside.push_back(other.device);
  fields.push_back(
      {"disk",
       {joined({kind_of(disk), disk.device, disk.model.value_or(""), disk.size ? bytes(*disk.size) : "",
                beside.empty() ? "" : "and " + joined(beside, ", "),
                disk.layers.empty() ? "" : "under " + joined(disk.layers, ", ")})}});
  fields.push_back(
      {"file system", {joined({disk.file_system, "on", disk.mount_point, "(" + disk.options + ")"})}});
  if (disk.free) {
    const bool full = disk.total && *disk.free < *disk.total / 20;
    fields.push_back(
        {"free",
         {bytes(*disk.free) + " of " + bytes(disk.total.value_or(0)), full ? Tone::bad : Tone::plain}});
  }
  if (!disk.device.empty()) {
    const std::string others = disk.schedulers.size() > 1 ? "(of " + joined(disk.schedulers, ", ") + ")" : "";
    fields.push_back({"scheduler", {joined({disk.scheduler.value_or(terminal::kNothing), others})}});
    fields.push_back({"queue",
                      {"depth " + or_nothing(disk.queue_depth) + ", requests " + or_nothing(disk.requests) +
                       ", read-ahead " + or_nothing(disk.read_ahead_kib, " KiB")}});
    fields.push_back({"TRIM", {trim_of(disk)}});
  }
  return heading("Disk", style) + terminal::rendered_fields(fields, style);
}

std::string view_of(const machine::Link& link, const machine::Facts& facts, const terminal::Style& style) {
  Fields fields;
  const bool up = link.state == "up" || link.state == "unknown";
  fields.push_back({"link",
                    {joined({link.name, link.driver ? "(" + *link.driver + ")" : "", link.state,
                             link.wireless ? "wireless" : "", link.way_out ? "default route" : ""}),
                     up ? Tone::plain : Tone::busy}});
  fields.push_back({"speed",
                    {joined({link.mbit ? std::to_string(*link.mbit) + " Mbit/s" : "not told",
                             link.duplex ? *link.duplex + " duplex" : "", "MTU " + or_nothing(link.mtu)},
                            ", ")}});
  if (link.offloads) {
    std::vector<std::string> on;
    std::vector<std::string> off;
    for (const auto& [name, enabled] : *link.offloads) (enabled ? on : off).push_back(name);
    fields.push_back({"offloads", {joined({joined(on), off.empty() ? "" : "off: " + joined(off)}, "; ")}});
  }
  const auto setting = [&](const char* name) {
    const auto found = facts.sysctls.find(name);
    return found == facts.sysctls.end() ? std::string(terminal::kNothing) : found->second;
  };
  const std::string qdisc = link.qdisc ? *link.qdisc : setting("net.core.default_qdisc") + " (default)";
  fields.push_back(
      {"queueing", {qdisc + ", congestion control " + setting("net.ipv4.tcp_congestion_control")}});
  fields.push_back({"errors",
                    {std::to_string(link.errors) + ", dropped " + std::to_string(link.dropped),
                     link.errors > 0 ? Tone::busy : Tone::plain}});
  return heading("Network", style) + terminal::rendered_fields(fields, style);
}

}  // namespace

std::string view_of(const Detected& detected, const terminal::Style& style) {
  const auto& facts = detected.facts;
  Fields fields;
  if (facts.board) fields.push_back({"machine", {*facts.board}});
  fields.push_back({"kernel", {facts.kernel.empty() ? terminal::kNothing : facts.kernel}});
  add_cpu(fields, facts.cpu);
  add_sensors(fields, facts.sensors);
  add_memory(fields, facts.memory);
  const auto& cgroups = facts.cgroups;
  fields.push_back(
      {"cgroups",
       {cgroups.version.empty() ? "none mounted" : cgroups.version + ": " + joined(cgroups.controllers)}});
  add_engine(fields, detected.engine);
  if (facts.encoders.empty()) fields.push_back({"encoders", {"none; conversions run on the processor"}});
  for (const auto& encoder : facts.encoders) {
    fields.push_back({"encoder", {joined({encoder.node, encoder.driver, encoder.kind})}});
  }
  std::string text = terminal::rendered_fields(fields, style);
  for (const auto& disk : facts.disks) text += view_of(disk, style);
  if (facts.disks.empty()) {
    text +=
        heading("Disk", style) + "none to be seen; name the films with --library and the data with --data\n";
  }
  for (const auto& link : facts.links) text += view_of(link, facts, style);
  if (facts.links.empty()) text += heading("Network", style) + "no link to be seen\n";
  return text + "\nNext: carrel-hwtune measure\n";
}

}  // namespace carrel::hwtune
