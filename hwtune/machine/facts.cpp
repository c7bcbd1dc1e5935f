#include <algorithm>

#include "hwtune/machine/read.hpp"

namespace carrel::machine {

const std::vector<std::string>& known_sysctls() {
  static const std::vector<std::string> kNames{"net.core.default_qdisc",
                                               "net.core.netdev_max_backlog",
                                               "net.core.rmem_max",
                                               "net.core.somaxconn",
                                               "net.core.wmem_max",
                                               "net.ipv4.tcp_congestion_control",
                                               "net.ipv4.tcp_available_congestion_control",
                                               "net.ipv4.tcp_max_syn_backlog",
                                               "net.ipv4.tcp_notsent_lowat",
                                               "net.ipv4.tcp_rmem",
                                               "net.ipv4.tcp_slow_start_after_idle",
                                               "net.ipv4.tcp_wmem",
                                               "vm.dirty_background_bytes",
                                               "vm.dirty_background_ratio",
                                               "vm.dirty_bytes",
                                               "vm.dirty_ratio",
                                               "vm.swappiness",
                                               "vm.vfs_cache_pressure"};
  return kNames;
}

std::string path_of_sysctl(const std::string& name) {
  std::string path = "proc/sys/" + name;
  std::ranges::replace(path, '.', '/');
  return path;
}

Facts read_facts(const Root& root, const std::vector<std::string>& paths) {
  Facts facts;
  facts.kernel = root.text("proc/sys/kernel/osrelease").value_or("");
  facts.board = root.text("proc/device-tree/model");
  if (!facts.board) facts.board = root.text("sys/class/dmi/id/product_name");
  facts.cpu = read_cpu(root);
  facts.sensors = read_sensors(root);
  facts.memory = read_memory(root);
  facts.disks = read_disks(root, paths);
  facts.links = read_links(root);
  facts.cgroups = read_cgroups(root);
  facts.encoders = read_encoders(root);
  for (const auto& name : known_sysctls()) {
    if (const auto value = root.text(path_of_sysctl(name))) facts.sysctls.emplace(name, *value);
  }
  return facts;
}

}  // namespace carrel::machine
