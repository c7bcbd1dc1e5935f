#include <vector>

#include "orchestrator/cli/commands/commands.hpp"
#include "orchestrator/cli/endpoint.hpp"
#include "orchestrator/cli/views/views.hpp"
#include "orchestrator/config/inputs.hpp"

namespace carrel::cli::commands {
namespace {

/// The same as carreld --check-config, without a daemon.
Done check(Context& context) {
  std::vector<std::string> warnings;
  const auto config = config::load(config::inputs_of_process(context.globals().config), &warnings);
  if (config.has_error()) return fail(ExitCode::failed, config.error().message);
  std::string text;
  for (const auto& warning : warnings) text += warning + "\n";
  const nlohmann::json answer{{"valid", true}, {"warnings", warnings}};
  return context.report(answer, text + "the configuration is valid");
}

}  // namespace

void add_config(CLI::App& root, Plan& plan) {
  CLI::App& group = add_group(root, "config", "carreld's configuration");
  add_command(group, "show", "what the running daemon works with, and where each value is from", plan,
              [](Context& context) { return context.show("/api/v1/admin/config", views::config); });
  add_command(group, "check", "whether the configuration that a daemon would read here is valid", plan,
              check);
}

}  // namespace carrel::cli::commands
