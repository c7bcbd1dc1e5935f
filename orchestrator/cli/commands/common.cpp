#include <utility>

#include "orchestrator/cli/commands/commands.hpp"

namespace carrel::cli::commands {

CLI::App& add_group(CLI::App& parent, const std::string& name, const std::string& description) {
  CLI::App& group = *parent.add_subcommand(name, description);
  group.require_subcommand(1);
  group.fallthrough();
  return group;
}

CLI::App& add_command(CLI::App& parent, const std::string& name, const std::string& description, Plan& plan,
                      std::function<Done(Context&)> run) {
  CLI::App& command = *parent.add_subcommand(name, description);
  command.fallthrough();
  command.callback([&plan, run = std::move(run)] { plan.run = run; });
  return command;
}

}  // namespace carrel::cli::commands
