#include "hwtune/detect/json.hpp"

#include "hwtune/optional_json.hpp"

namespace carrel::hwtune {
namespace {

using nlohmann::json;

json json_of(const machine::Cpu& cpu) {
  json made{{"model", cpu.model},     {"sockets", cpu.sockets},   {"cores", cpu.cores},
            {"threads", cpu.threads}, {"features", cpu.features}, {"governors", cpu.governors}};
  put(made, "max_mhz", cpu.max_mhz);
  put(made, "governor", cpu.governor);
  put(made, "driver", cpu.driver);
  put(made, "quota", cpu.quota);
  return made;
}

json json_of(const machine::Sensor& sensor) {
  json trips = json::array();
  for (const auto& trip : sensor.trips) trips.push_back({{"kind", trip.kind}, {"celsius", trip.celsius}});
  return {{"name", sensor.name}, {"celsius", sensor.celsius}, {"trips", trips}};
}

json json_of(const machine::Memory& memory) {
  json made{{"total", memory.total}, {"swap_total", memory.swap_total}, {"swap_free", memory.swap_free}};
  put(made, "available", memory.available);
  return made;
}

json json_of(const machine::Disk& disk) {
  json made{
      {"paths", disk.paths},          {"mount_point", disk.mount_point}, {"file_system", disk.file_system},
      {"options", disk.options},      {"source", disk.source},           {"device", disk.device},
      {"layers", disk.layers},        {"schedulers", disk.schedulers},   {"trim", disk.trims},
      {"discard", disk.trims_at_once}};
  for (const auto& other : disk.beside) made["beside"].push_back(other.device);
  put(made, "model", disk.model);
  put(made, "size", disk.size);
  put(made, "rotating", disk.rotating);
  put(made, "scheduler", disk.scheduler);
  put(made, "queue_depth", disk.queue_depth);
  put(made, "requests", disk.requests);
  put(made, "read_ahead_kib", disk.read_ahead_kib);
  put(made, "free", disk.free);
  put(made, "total", disk.total);
  return made;
}

json json_of(const machine::Link& link) {
  json made{{"name", link.name},         {"physical", link.physical},
            {"wireless", link.wireless}, {"default_route", link.way_out},
            {"state", link.state},       {"errors", link.errors},
            {"dropped", link.dropped},   {"carrier_changes", link.carrier_changes}};
  put(made, "mbit", link.mbit);
  put(made, "duplex", link.duplex);
  put(made, "mtu", link.mtu);
  put(made, "driver", link.driver);
  put(made, "qdisc", link.qdisc);
  put(made, "offloads", link.offloads);
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
  put(made, "board", facts.board);
  return made;
}

}  // namespace carrel::hwtune
