#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace carrel::cgroup {

/// The groups of one container, below the mounts of their controllers. A hybrid host has both kinds.
struct Location {
  std::map<std::string, std::string, std::less<>> v1;  ///< path by controller: "memory" → "/docker/4f…"
  std::string v2;                                      ///< in the unified hierarchy; empty: in none

  bool operator==(const Location&) const = default;
};

/// From the text of /proc/PID/cgroup. Only groups that the engine named after the container are taken: the
/// process may be another's by now, and a hierarchy that the engine does not use shows the whole host's
/// figures. What the container made below its group is cut off: the limits are at the top. Fails when none is
/// left. https://man7.org/linux/man-pages/man7/cgroups.7.html (/proc/pid/cgroup)
[[nodiscard]] Result<Location> parse_location(std::string_view text, std::string_view container);

}  // namespace carrel::cgroup
