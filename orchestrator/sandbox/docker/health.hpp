#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "orchestrator/lib/curl/http.hpp"
#include "orchestrator/sandbox/engine.hpp"

namespace carrel::sandbox::docker {

/// What a failed exchange says of the engine, and what a person can do about it; none when it says nothing
/// (cancelled, too many calls, stopping).
[[nodiscard]] std::optional<EngineHealth> health_after(const curl::Failure& failure,
                                                       const std::string& socket,
                                                       std::chrono::milliseconds timeout);

/// An engine that answers, but not as an engine does.
[[nodiscard]] EngineHealth failing(const std::string& socket, const std::string& detail);

}  // namespace carrel::sandbox::docker
