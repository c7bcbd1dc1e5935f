#pragma once

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "orchestrator/cli/failure.hpp"

namespace carrel::cli::commands {

/// As typed; empty: not named; "default": the role's again.
struct UserLimits {
  std::string sessions, streams, memory, cpus, bandwidth;
};

void add_options(CLI::App& command, UserLimits& limits);

/// The member "limits" of a PATCH. ExitCode::usage for a value that is none, and when nothing is named.
[[nodiscard]] Answer<nlohmann::json> body_of(const UserLimits& limits);

}  // namespace carrel::cli::commands
