#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace carrel::hwtune {

struct Space {
  std::uint64_t free = 0;  ///< bytes, for anybody but root
  std::uint64_t total = 0;
};

struct Engine {
  bool answers = false;
  std::string why_not;  ///< when it does not
  std::string version;
  std::string api;
  std::string storage;
  std::string runtime;
  std::string cgroup_version;
  std::string cgroup_driver;
};

/// What a machine tells only over system calls and sockets; none on a fake tree.
struct Probes {
  std::function<std::optional<Space>(const std::string& path)> space;
  std::function<std::optional<std::map<std::string, bool>>(const std::string& link)> offloads;
  std::function<std::map<std::string, std::string>()> qdiscs;  ///< by link
  std::function<Engine(const std::string& socket)> engine;
};

/// Of the machine that this program runs on.
[[nodiscard]] Probes real_probes();
/// Those that know nothing.
[[nodiscard]] Probes no_probes();

[[nodiscard]] std::optional<std::map<std::string, bool>> offloads_of(const std::string& link);  // ethtool
[[nodiscard]] std::map<std::string, std::string> qdiscs_of_links();                             // rtnetlink
[[nodiscard]] Engine ask_engine(const std::string& socket);

}  // namespace carrel::hwtune
