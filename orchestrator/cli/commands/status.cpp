#include "orchestrator/cli/commands/commands.hpp"
#include "orchestrator/cli/views/views.hpp"

namespace carrel::cli::commands {

void add_status(CLI::App& root, Plan& plan) {
  add_command(root, "status", "how the daemon, its engine and its sandboxes are", plan,
              [](Context& context) { return context.show("/api/v1/admin/status", views::status); });
}

}  // namespace carrel::cli::commands
