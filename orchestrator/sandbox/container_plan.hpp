#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "orchestrator/sandbox/engine.hpp"
#include "orchestrator/sandbox/lifecycle.hpp"

namespace carrel::sandbox {

struct ContainerLimits {
  std::string image;
  std::uint64_t memory_bytes = 0;
  double cpus = 0;
  std::int64_t pids = 0;
  std::int64_t open_files = 0;
  unsigned io_weight = 0;           ///< ContainerSpec::io_weight
  std::int64_t max_file_bytes = 0;  ///< that it may make a file as long; 0: enough for an index
};

/// Who a sandbox is for. `session` of a warm one is the id that the session claiming it will take: labels of
/// a container cannot be changed after it was created.
struct Identity {
  std::string instance;
  std::string sandbox;
  std::string session;  ///< empty for workers and converters
  std::string user;     ///< empty for workers, converters and warm sandboxes
  std::uint64_t generation = 0;
  Role role = Role::streamer;
};

[[nodiscard]] std::string container_name(const std::string& sandbox);

/// The container of one sandbox: no network, no capability, read-only, one read-only mount that holds nothing
/// but the control socket. Pure.
[[nodiscard]] ContainerSpec plan_container(const Identity& identity, const ContainerLimits& limits,
                                           const std::filesystem::path& control_directory);

/// The container that keeps the network namespace which the others join: no mount, next to no memory. Pure.
[[nodiscard]] ContainerSpec plan_holder(const Identity& identity, std::string image);

}  // namespace carrel::sandbox
