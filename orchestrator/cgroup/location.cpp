#include "orchestrator/cgroup/location.hpp"

#include <algorithm>

namespace carrel::cgroup {
namespace {

// A shorter id could be a part of somebody else's name.
constexpr std::size_t kShortestId = 12;

/// The path up to the part that names the container; empty when none does, or when it leads out of the mount
/// (that of a group beyond the root of our own cgroup namespace).
std::string_view up_to_container(std::string_view path, std::string_view container) {
  if (!path.starts_with('/')) return {};
  std::size_t begin = 1;
  while (begin < path.size()) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view part = path.substr(begin, end - begin);
    if (part == "..") return {};
    if (part.find(container) != std::string_view::npos) return path.substr(0, end);
    begin = end + 1;
  }
  return {};
}

void take_line(std::string_view line, std::string_view container, Location& location) {
  const auto first = line.find(':');
  const auto second = first == std::string_view::npos ? first : line.find(':', first + 1);
  if (second == std::string_view::npos) return;
  std::string_view controllers = line.substr(first + 1, second - first - 1);
  const std::string_view path = up_to_container(line.substr(second + 1), container);
  if (path.empty()) return;
  if (controllers.empty() && line.substr(0, first) == "0") location.v2 = path;
  while (!controllers.empty()) {
    const auto end = controllers.find(',');
    location.v1.emplace(controllers.substr(0, end), path);
    controllers.remove_prefix(end == std::string_view::npos ? controllers.size() : end + 1);
  }
}

}  // namespace

Result<Location> parse_location(std::string_view text, std::string_view container) {
  if (container.size() < kShortestId || container.find('/') != std::string_view::npos) {
    return make_error(ErrorKind::invalid, "find a container's cgroups: \"" + std::string(container) +
                                              "\" is no full container id");
  }
  Location location;
  while (!text.empty()) {
    const auto end = text.find('\n');
    take_line(text.substr(0, end), container, location);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  if (location == Location{}) {
    return make_error(
        ErrorKind::not_found,
        "find the cgroups of container " + std::string(container) +
            ": its process is in none with its name; it may have ended, or the daemon runs in a "
            "cgroup namespace of its own");
  }
  return location;
}

}  // namespace carrel::cgroup
