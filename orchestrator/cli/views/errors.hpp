#pragma once

#include "orchestrator/cli/views/views.hpp"

namespace carrel::cli::views {

[[nodiscard]] std::string errors(const json& answer, const Style& style);

}  // namespace carrel::cli::views
