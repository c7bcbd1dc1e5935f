#pragma once

#include <nlohmann/json.hpp>

#include "orchestrator/config/config.hpp"

namespace carrel::cli::doctor {

/// What a running daemon works with, from its answer to /api/v1/admin/config; secrets are left at their
/// defaults, and so is what this program does not know.
[[nodiscard]] config::Config running_config(const nlohmann::json& answer);

}  // namespace carrel::cli::doctor
