#pragma once

#include <cstdint>
#include <string>

#include "orchestrator/sandbox/docker/version.hpp"
#include "orchestrator/sandbox/engine.hpp"

namespace carrel::sandbox::docker {

/// The body of POST /containers/create. All that keeps a container in is set here and cannot be left out by a
/// spec: no network, no capability, no new privilege, a read-only root, no swap, no shared memory, a bounded
/// log. `seccomp` is the value of the option "seccomp=", empty for the engine's own profile: Docker wants the
/// profile itself, Podman the path of a file with it.
[[nodiscard]] std::string create_body(const ContainerSpec& spec, const std::string& seccomp,
                                      const Traits& traits);

/// The body of POST /containers/{id}/update; a zero leaves that limit as it is.
[[nodiscard]] std::string update_body(std::uint64_t memory_bytes, std::uint64_t nano_cpus);

}  // namespace carrel::sandbox::docker
