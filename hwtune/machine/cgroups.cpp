#include <algorithm>

#include "hwtune/machine/mounts.hpp"
#include "hwtune/machine/read.hpp"
#include "hwtune/machine/text.hpp"

namespace carrel::machine {
namespace {

std::vector<std::string> v1_controllers(const Root& root) {
  std::vector<std::string> controllers;
  const auto table = root.text("proc/cgroups").value_or("");
  for (const auto line : lines_of(table)) {
    const auto words = words_of(line);
    // subsys_name hierarchy num_cgroups enabled; hierarchy 0: not mounted, or taken by v2.
    if (words.size() == 4 && !line.starts_with("#") && words[1] != "0" && words[3] == "1") {
      controllers.emplace_back(words[0]);
    }
  }
  return controllers;
}

}  // namespace

Cgroups read_cgroups(const Root& root) {
  const auto content = root.read("proc/self/mountinfo");
  const auto mounts = parse_mounts(content ? *content : std::string());
  const bool v1 = std::ranges::find(mounts, "cgroup", &Mount::file_system) != mounts.end();
  const auto second = std::ranges::find(mounts, "cgroup2", &Mount::file_system);
  const bool v2 = second != mounts.end();
  Cgroups cgroups;
  cgroups.version = v1 && v2 ? "hybrid" : v2 ? "v2" : v1 ? "v1" : "";
  if (v1) cgroups.controllers = v1_controllers(root);
  if (v2) {
    // Each is in one of the two.
    const auto all = root.text(second->point.substr(1) + "/cgroup.controllers").value_or("");
    for (const auto each : words_of(all)) cgroups.controllers.emplace_back(each);
  }
  return cgroups;
}

}  // namespace carrel::machine
