#include "hwtune/detect/detect.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "hwtune/machine/read.hpp"
#include "terminal/units.hpp"

namespace carrel::hwtune {
namespace {

std::vector<std::string> paths_of(const Places& places, bool real) {
  std::vector<std::string> paths;
  for (const auto& path : places.library) paths.push_back(resolved(path, real));
  if (!places.data.empty()) paths.push_back(resolved(places.data, real));
  return paths;
}

}  // namespace

std::string resolved(const std::string& path, bool real) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path absolute = fs::absolute(path, error);
  const fs::path found = real ? fs::weakly_canonical(absolute, error) : absolute.lexically_normal();
  return error ? absolute.string() : found.string();
}

std::vector<machine::Disk> find_disks(const machine::Root& root, const Places& places) {
  return machine::read_disks(root, paths_of(places, root.is_real()));
}

Detected detect(const machine::Root& root, const Probes& probes, const Places& places) {
  Detected found{machine::read_facts(root, paths_of(places, root.is_real())), {}};
  for (auto& disk : found.facts.disks) {
    disk.library = std::ranges::any_of(places.library, [&](const std::string& path) {
      return std::ranges::find(disk.paths, resolved(path, root.is_real())) != disk.paths.end();
    });
    const auto space = probes.space(disk.mount_point);
    if (!space) continue;
    disk.free = space->free;
    disk.total = space->total;
  }
  const auto qdiscs = probes.qdiscs();
  for (auto& link : found.facts.links) {
    link.offloads = probes.offloads(link.name);
    const auto qdisc = qdiscs.find(link.name);
    if (qdisc != qdiscs.end()) link.qdisc = qdisc->second;
  }
  found.engine = probes.engine(places.engine_socket);
  return found;
}

std::string name_of_machine(const machine::Facts& facts) {
  const std::string model = facts.cpu.model.empty() ? "processor of unknown model" : facts.cpu.model;
  return std::to_string(facts.cpu.threads) + " × " + model + ", " +
         terminal::bytes_text(static_cast<double>(facts.memory.total));
}

}  // namespace carrel::hwtune
