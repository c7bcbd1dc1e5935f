#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace carrel::machine {

/// A line of /proc/self/mountinfo (proc(5)).
struct Mount {
  std::string device;  ///< "8:1"
  std::string point;
  std::string file_system;
  std::string source;
  std::string options;  ///< of the mount and of the file system
};

[[nodiscard]] std::vector<Mount> parse_mounts(std::string_view mountinfo);
/// The one that an absolute path is on; later ones lie over earlier ones.
[[nodiscard]] std::optional<Mount> mount_of(const std::vector<Mount>& mounts, std::string_view path);

}  // namespace carrel::machine
