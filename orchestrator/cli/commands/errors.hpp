#pragma once

#include "orchestrator/cli/commands/commands.hpp"

namespace carrel::cli::commands {

void add_errors(CLI::App& root, Plan& plan);

}  // namespace carrel::cli::commands
