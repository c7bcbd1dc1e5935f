#include "hwtune/detect/probes.hpp"

#include <sys/statvfs.h>

namespace carrel::hwtune {
namespace {

std::optional<Space> space_at(const std::string& path) {
  struct statvfs found {};
  if (::statvfs(path.c_str(), &found) != 0) return std::nullopt;
  return Space{std::uint64_t{found.f_bavail} * found.f_frsize,
               std::uint64_t{found.f_blocks} * found.f_frsize};
}

}  // namespace

Probes real_probes() {
  return {&space_at, &offloads_of, &qdiscs_of_links, &ask_engine};
}

Probes no_probes() {
  Probes probes;
  probes.space = [](const std::string&) { return std::nullopt; };
  probes.offloads = [](const std::string&) { return std::nullopt; };
  probes.qdiscs = [] { return std::map<std::string, std::string>(); };
  probes.engine = [](const std::string&) {
    Engine engine;
    engine.why_not = "a tree has no engine";
    return engine;
  };
  return probes;
}

}  // namespace carrel::hwtune
