#include "orchestrator/cli/completion.hpp"

#include <memory>

#include "orchestrator/cli/commands/commands.hpp"

namespace carrel::cli::commands {

void add_completion(CLI::App& root, Plan& plan) {
  const auto shell = std::make_shared<std::string>();
  CLI::App& command =
      add_command(root, "completion", "print what teaches a shell to complete carrelctl", plan,
                  [shell, &root](Context& context) { return context.write(completion(root, *shell)); });
  command.add_option("shell", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}))
      ->type_name("SHELL");
}

}  // namespace carrel::cli::commands
