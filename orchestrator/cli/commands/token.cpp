#include <chrono>
#include <memory>

#include "base/escape.hpp"
#include "orchestrator/cli/commands/commands.hpp"
#include "orchestrator/cli/format.hpp"
#include "orchestrator/cli/views/views.hpp"
#include "orchestrator/config/values.hpp"

namespace carrel::cli::commands {

using nlohmann::json;

namespace {

constexpr char kTokens[] = "/api/v1/admin/tokens";
constexpr std::chrono::seconds kShortest{60};
constexpr std::chrono::seconds kLongest{std::chrono::hours(24 * 365)};

Done add(Context& context, const std::string& name, const std::string& expires_in) {
  const auto lifetime = config::parse_duration(expires_in, kShortest, kLongest);
  if (lifetime.has_error()) return wrong_value(lifetime.error());
  const auto made = context.send("POST", kTokens, {{"name", name}, {"expires_in", lifetime->count()}});
  if (made.has_error()) return made.error();
  if (context.globals().json) return context.report(*made, {});
  // Alone, so that it can go straight into a file.
  return context.write(text_in(*made, "token") + "\n");
}

}  // namespace

void add_token(CLI::App& root, Plan& plan) {
  CLI::App& group = add_group(root, "token", "what lets carrelctl in from other machines");
  const auto name = std::make_shared<std::string>();
  const auto expires_in = std::make_shared<std::string>("90d");
  CLI::App& command =
      add_command(group, "add", "make a token and print it; it is shown this once", plan,
                  [name, expires_in](Context& context) { return add(context, *name, *expires_in); });
  command.add_option("name", *name, "what to call it, such as backup-server")->required()->type_name("NAME");
  command.add_option("--expires-in", *expires_in, "such as 12h or 30d; 90d by default, 365d at most")
      ->type_name("DURATION");
  add_command(group, "ls", "list the tokens, not the secrets", plan,
              [](Context& context) { return context.show(kTokens, views::tokens); });
  const auto gone = std::make_shared<std::string>();
  CLI::App& remove = add_command(group, "rm", "revoke a token", plan, [gone](Context& context) -> Done {
    const auto done = context.send("DELETE", std::string(kTokens) + "/" + percent_encoded(*gone));
    if (done.has_error()) return done.error();
    return context.report(*done, "token " + *gone + " is revoked");
  });
  remove.add_option("name", *gone, "the token's name")->required()->type_name("NAME");
}

}  // namespace carrel::cli::commands
