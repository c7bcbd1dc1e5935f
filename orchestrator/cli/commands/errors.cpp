#include "orchestrator/cli/commands/errors.hpp"

#include "orchestrator/cli/views/errors.hpp"

namespace carrel::cli::commands {

void add_errors(CLI::App& root, Plan& plan) {
  add_command(root, "errors", "warnings and errors since the start, the same ones together", plan,
              [](Context& context) { return context.show("/api/v1/admin/errors", views::errors); });
}

}  // namespace carrel::cli::commands
