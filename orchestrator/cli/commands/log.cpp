#include <memory>

#include "orchestrator/cli/commands/commands.hpp"
#include "orchestrator/cli/views/views.hpp"

namespace carrel::cli::commands {
namespace {

constexpr char kLog[] = "/api/v1/admin/log";

}  // namespace

void add_log(CLI::App& root, Plan& plan) {
  CLI::App& group = add_group(root, "log", "what carreld writes to its log");
  const auto wanted = std::make_shared<std::string>();
  CLI::App& level = add_command(group, "level",
                                "the level from which on lines are written; with a name, another one, until "
                                "carreld is started again or sent SIGHUP",
                                plan, [wanted](Context& context) -> Done {
                                  if (wanted->empty()) return context.show(kLog, views::log_level);
                                  const auto done = context.send("PATCH", kLog, {{"level", *wanted}});
                                  if (done.has_error()) return done.error();
                                  return context.print(*done, views::log_level);
                                });
  level.add_option("name", *wanted, "debug, info, warn or error")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}))
      ->type_name("NAME");
}

}  // namespace carrel::cli::commands
