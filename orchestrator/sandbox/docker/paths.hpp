#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "orchestrator/sandbox/engine.hpp"

/// The parts of a request's path. What is put in as it stands is checked first.
namespace carrel::sandbox::docker {

/// A container's id or name: [a-zA-Z0-9][a-zA-Z0-9_.-]*, at most 128 bytes (Docker's own rule, and a bound).
[[nodiscard]] Result<void> check_container(std::string_view id);
/// "name:tag", "host:port/name@sha256:…" or an id; at most 512 bytes.
[[nodiscard]] Result<void> check_image(std::string_view reference);
/// "SIGKILL", "KILL", "SIGRTMIN+1" or a number.
[[nodiscard]] Result<void> check_signal(std::string_view signal);

/// The value of "filters=", encoded, for containers with all of these labels; `type` may be empty.
[[nodiscard]] std::string label_filters(const Labels& labels, std::string_view type);

}  // namespace carrel::sandbox::docker
