#include "hwtune/detect/json.hpp"

namespace carrel::hwtune {
namespace {

using nlohmann::json;

template <class T>
void add(json& object, const char* name, const std::optional<T>& value) {
  if (value) object[name] = *value;
}

json json_of(const machine::Cpu& cpu) {
  json made{{"model", cpu.model},     {"sockets", cpu.sockets},   {"cores", cpu.cores},
            {"threads", cpu.threads}, {"features", cpu.features}, {"governors", cpu.governors}};
  add(made, "max_mhz", cpu.max_mhz);
  add(made, "governor", cpu.governor);
  add(made, "driver", cpu.driver);
  add(made, "quota", cpu.quota);
  return made;
}

json json_of(const machine::Sensor& sensor) {
  json trips = json::array();
  for (const auto& trip : sensor.trips) trips.push_back({{"kind", trip.kind}, {"celsius", trip.celsius}});
  return {{"name", sensor.name}, {"celsius", sensor.celsius}, {"trips", trips}};
}

json json_of(const machine::Memory& memory) {
  json made{{"total", memory.total}, {"swap_total", memory.swap_total}, {"swap_free", memory.swap_free}};
  add(made, "available", memory.available);
  return made;
}

json json_of(const machine::Disk& disk) {
  json made{
      {"paths", disk.paths},          {"mount_point", disk.mount_point}, {"file_system", disk.file_system},
      {"options", disk.options},      {"source", disk.source},           {"device", disk.device},
      {"layers", disk.layers},        {"schedulers", disk.schedulers},   {"trim", disk.trims},
      {"discard", disk.trims_at_once}};
  add(made, "model", disk.model);
  add(made, "size", disk.size);
  add(made, "rotating", disk.rotating);
  add(made, "scheduler", disk.scheduler);
  add(made, "queue_depth", disk.queue_depth);
  add(made, "requests", disk.requests);
  add(made, "read_ahead_kib", disk.read_ahead_kib);
  add(made, "free", disk.free);
  add(made, "total", disk.total);
  return made;
}

json json_of(const machine::Link& link) {
  json made{{"name", link.name},         {"physical", link.physical},
            {"wireless", link.wireless}, {"default_route", link.way_out},
            {"state", link.state},       {"errors", link.errors},
            {"dropped", link.dropped},   {"carrier_changes", link.carrier_changes}};
  add(made, "mbit", link.mbit);
  add(made, "duplex", link.duplex);
  add(made, "mtu", link.mtu);
  add(made, "driver", link.driver);
  add(made, "qdisc", link.qdisc);
  add(made, "offloads", link.offloads);
  return made;
}

json json_of(const Engine& engine) {
  if (!engine.answers) return {{"answers", false}, {"why_not", engine.why_not}};
  return {{"answers", true},
          {"version", engine.version},
          {"api", engine.api},
          {"storage", engine.storage},
          {"runtime", engine.runtime},
          {"cgroup_version", engine.cgroup_version},
          {"cgroup_driver", engine.cgroup_driver}};
}

json json_of(const machine::Encoder& encoder) {
  return {{"node", encoder.node}, {"driver", encoder.driver}, {"kind", encoder.kind}};
}

template <class T>
json list_of(const std::vector<T>& items) {
  json made = json::array();
  for (const auto& item : items) made.push_back(json_of(item));
  return made;
}

}  // namespace

json json_of(const Detected& detected) {
  const auto& facts = detected.facts;
  json made{{"machine", name_of_machine(facts)},
            {"kernel", facts.kernel},
            {"cpu", json_of(facts.cpu)},
            {"sensors", list_of(facts.sensors)},
            {"memory", json_of(facts.memory)},
            {"disks", list_of(facts.disks)},
            {"links", list_of(facts.links)},
            {"cgroups", {{"version", facts.cgroups.version}, {"controllers", facts.cgroups.controllers}}},
            {"engine", json_of(detected.engine)},
            {"encoders", list_of(facts.encoders)},
            {"sysctl", facts.sysctls}};
  add(made, "board", facts.board);
  return made;
}

}  // namespace carrel::hwtune
