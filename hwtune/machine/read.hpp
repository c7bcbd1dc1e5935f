#pragma once

#include <string>
#include <vector>

#include "hwtune/machine/facts.hpp"
#include "hwtune/machine/root.hpp"

/// Reads the parts of a machine out of /proc, /sys and /dev; nothing is changed, nothing is asked over a
/// socket.
namespace carrel::machine {

[[nodiscard]] Cpu read_cpu(const Root& root);
[[nodiscard]] std::vector<Sensor> read_sensors(const Root& root);
/// The kernel's, whatever the control group that asks is allowed.
[[nodiscard]] Memory read_meminfo(const Root& root);
[[nodiscard]] Memory read_memory(const Root& root);
/// The one that the default route leads over comes first; of several, as the kernel prefers them.
[[nodiscard]] std::vector<Link> read_links(const Root& root);
[[nodiscard]] Cgroups read_cgroups(const Root& root);
[[nodiscard]] std::vector<Encoder> read_encoders(const Root& root);
/// The disks under `paths`, each once. Paths are absolute and are only compared with where disks are mounted.
[[nodiscard]] std::vector<Disk> read_disks(const Root& root, const std::vector<std::string>& paths);

/// The kernel's settings that hwtune shows and tunes.
[[nodiscard]] const std::vector<std::string>& known_sysctls();
/// "proc/sys/net/core/somaxconn" for "net.core.somaxconn".
[[nodiscard]] std::string path_of_sysctl(const std::string& name);

/// All of it.
[[nodiscard]] Facts read_facts(const Root& root, const std::vector<std::string>& paths);

}  // namespace carrel::machine
