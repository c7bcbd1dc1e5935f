#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "orchestrator/sandbox/engine.hpp"

namespace carrel::sandbox::docker {

/// Oldest and newest API that this client speaks. Nothing it uses changed in between.
inline constexpr std::string_view kOldestApi = "1.40";
inline constexpr std::string_view kNewestApi = "1.47";

/// From the body of GET /version. The negotiated version is the newest that both speak; an engine that has
/// dropped everything up to kNewestApi is spoken to in the oldest version it still has.
[[nodiscard]] Result<EngineInfo> parse_version(std::string_view body);

/// Whether GET /containers/{id}/stats knows one-shot: since API 1.41.
[[nodiscard]] bool has_one_shot(const EngineInfo& info);

/// What of an engine changes how a container is asked for.
struct Traits {
  bool podman = false;
  bool cgroup_v1 = false;
};

/// From the body of GET /info; `product` is EngineInfo's.
[[nodiscard]] Result<Traits> parse_traits(std::string_view body, std::string_view product);

}  // namespace carrel::sandbox::docker
