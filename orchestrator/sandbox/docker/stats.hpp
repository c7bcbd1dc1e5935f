#pragma once

#include <string_view>

#include "orchestrator/cgroup/usage.hpp"
#include "orchestrator/sandbox/docker/parse.hpp"

namespace carrel::sandbox::docker {

/// The body of GET /containers/{id}/stats?stream=false, of an engine on cgroup v1 or v2. Figures of another
/// shape, negative or absent ones are left empty; an answer that has none of them is an Error. Memory without
/// a limit has the host's memory as limit: the engine says so.
/// https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerStats
[[nodiscard]] Result<cgroup::Usage> parse_stats(std::string_view body);

}  // namespace carrel::sandbox::docker
