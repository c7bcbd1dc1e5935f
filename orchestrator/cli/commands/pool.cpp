#include <cstdint>
#include <memory>

#include "orchestrator/cli/commands/commands.hpp"
#include "orchestrator/cli/commands/numbers.hpp"
#include "orchestrator/cli/views/views.hpp"

namespace carrel::cli::commands {
namespace {

constexpr char kPool[] = "/api/v1/admin/pool";
constexpr char kGc[] = "/api/v1/admin/gc";
constexpr std::int64_t kMostInPool = 1000;

}  // namespace

void add_pool(CLI::App& root, Plan& plan) {
  CLI::App& group = add_group(root, "pool", "sandboxes that wait for the next logins");
  add_command(group, "show", "how many wait and how many are being made", plan,
              [](Context& context) { return context.show(kPool, views::pool); });
  const auto size = std::make_shared<std::uint32_t>(0);
  CLI::App& resize =
      add_command(group, "resize", "keep so many waiting, until carreld is started again", plan,
                  [size](Context& context) -> Done {
                    const auto done = context.send("PATCH", kPool, {{"size", *size}});
                    if (done.has_error()) return done.error();
                    return context.report(*done, "the pool is to hold " + std::to_string(*size));
                  });
  resize.add_option("size", *size, "0 turns the pool off")
      ->required()
      ->check(whole_number(0, kMostInPool))
      ->type_name("NUMBER");
  add_command(group, "drain", "replace those that wait by new ones", plan, [](Context& context) -> Done {
    const auto done = context.send("POST", std::string(kPool) + "/drain");
    if (done.has_error()) return done.error();
    return context.report(*done, "those that waited are going");
  });
}

void add_gc(CLI::App& root, Plan& plan) {
  const auto dry_run = std::make_shared<bool>(false);
  const auto force = std::make_shared<bool>(false);
  CLI::App& command =
      add_command(root, "gc", "remove containers that no sandbox claims", plan,
                  [dry_run, force](Context& context) -> Done {
                    const auto done = context.send("POST", kGc, {{"dry_run", *dry_run}, {"force", *force}});
                    if (done.has_error()) return done.error();
                    return context.print(*done, views::collected);
                  });
  command.add_flag("--dry-run", *dry_run, "only say what would be removed");
  command.add_flag("--force", *force, "those made within the last 30 s, too");
}

}  // namespace carrel::cli::commands
