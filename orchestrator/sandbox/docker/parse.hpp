#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/sandbox/engine.hpp"

/// The engine's answers as values. A body of another shape is an Error; nothing throws.
namespace carrel::sandbox::docker {

struct Created {
  std::string id;
  std::vector<std::string> warnings;  ///< e.g. a limit that the kernel cannot keep
};

[[nodiscard]] Result<Created> parse_created(std::string_view body);
[[nodiscard]] Result<ContainerState> parse_container(std::string_view body);
[[nodiscard]] Result<std::vector<ContainerState>> parse_containers(std::string_view body);
[[nodiscard]] Result<int> parse_exit(std::string_view body);
[[nodiscard]] Result<ImageInfo> parse_image(std::string_view body);
/// One line of GET /events, in Docker's words also when Podman says it otherwise.
[[nodiscard]] Result<EngineEvent> parse_event(std::string_view line);

/// What the engine says went wrong: "message" of its JSON, or the start of whatever it sent.
[[nodiscard]] std::string parse_message(std::string_view body);

}  // namespace carrel::sandbox::docker
