#include <memory>

#include "base/escape.hpp"
#include "orchestrator/cli/commands/commands.hpp"
#include "orchestrator/cli/commands/user_limits.hpp"
#include "orchestrator/cli/password.hpp"
#include "orchestrator/cli/views/views.hpp"

namespace carrel::cli::commands {

using nlohmann::json;

namespace {

constexpr char kUsers[] = "/api/v1/admin/users";

struct Chosen {
  std::string name;
  std::string role = "viewer";
  bool password_stdin = false;
  UserLimits limits;
};
using Shared = std::shared_ptr<Chosen>;

std::string path_of(const Chosen& chosen) {
  return std::string(kUsers) + "/" + percent_encoded(chosen.name);
}

Done add(Context& context, const Chosen& chosen) {
  const auto password = new_password(chosen.password_stdin);
  if (password.has_error()) return password.error();
  const json body{{"username", chosen.name}, {"password", *password}, {"role", chosen.role}};
  const auto made = context.send("POST", kUsers, body);
  if (made.has_error()) return made.error();
  return context.report(*made, chosen.name + " may log in as " + chosen.role);
}

Done change(Context& context, const Chosen& chosen, const json& body, const std::string& sentence) {
  const auto changed = context.send("PATCH", path_of(chosen), body);
  if (changed.has_error()) return changed.error();
  return context.report(*changed, sentence);
}

Done set_password(Context& context, const Chosen& chosen) {
  const auto password = new_password(chosen.password_stdin);
  if (password.has_error()) return password.error();
  return change(context, chosen, {{"password", *password}},
                chosen.name + " has a new password; open sessions have ended");
}

Done set_limits(Context& context, const Chosen& chosen) {
  const auto limits = body_of(chosen.limits);
  if (limits.has_error()) return limits.error();
  const auto changed = context.send("PATCH", path_of(chosen), {{"limits", *limits}});
  if (changed.has_error()) return changed.error();
  return context.print(*changed, views::user);
}

Done remove(Context& context, const Chosen& chosen) {
  const auto gone = context.send("DELETE", path_of(chosen));
  if (gone.has_error()) return gone.error();
  return context.report(*gone, chosen.name + " is gone, with every session");
}

CLI::App& add_named(CLI::App& group, const std::string& name, const std::string& description, Plan& plan,
                    Done (*run)(Context&, const Chosen&), const Shared& chosen) {
  CLI::App& command = add_command(group, name, description, plan,
                                  [chosen, run](Context& context) { return run(context, *chosen); });
  command.add_option("name", chosen->name, "the user's name")->required()->type_name("NAME");
  return command;
}

void add_password_option(CLI::App& command, const Shared& chosen) {
  command.add_flag("--password-stdin", chosen->password_stdin,
                   "read the password from the first line of standard input instead of asking");
}

void add_changes(CLI::App& group, Plan& plan) {
  const auto password = std::make_shared<Chosen>();
  add_password_option(
      add_named(group, "passwd", "set a password; ends the user's sessions", plan, set_password, password),
      password);
  add_named(
      group, "disable", "keep a user out; ends the user's sessions", plan,
      [](Context& context, const Chosen& chosen) {
        return change(context, chosen, {{"disabled", true}}, chosen.name + " is disabled");
      },
      std::make_shared<Chosen>());
  add_named(
      group, "enable", "let a disabled user in again", plan,
      [](Context& context, const Chosen& chosen) {
        return change(context, chosen, {{"disabled", false}}, chosen.name + " is enabled");
      },
      std::make_shared<Chosen>());
  const auto role = std::make_shared<Chosen>();
  add_named(
      group, "role", "make a viewer an administrator, or the reverse; ends the user's sessions", plan,
      [](Context& context, const Chosen& chosen) {
        return change(context, chosen, {{"role", chosen.role}}, chosen.name + " is now " + chosen.role);
      },
      role)
      .add_option("role", role->role, "viewer or admin")
      ->required()
      ->check(CLI::IsMember({"viewer", "admin"}))
      ->type_name("ROLE");
  const auto limits = std::make_shared<Chosen>();
  add_options(add_named(group, "limits", "what a user may have, where it differs from the role's", plan,
                        set_limits, limits),
              limits->limits);
}

}  // namespace

void add_user(CLI::App& root, Plan& plan) {
  CLI::App& group = add_group(root, "user", "who may log in");
  add_command(group, "ls", "list the users", plan,
              [](Context& context) { return context.show(kUsers, views::users); });
  add_named(
      group, "show", "one user, with the limits that hold", plan,
      [](Context& context, const Chosen& chosen) { return context.show(path_of(chosen), views::user); },
      std::make_shared<Chosen>());
  const auto added = std::make_shared<Chosen>();
  CLI::App& command = add_named(group, "add", "make a user; asks for the password", plan, add, added);
  add_password_option(command, added);
  command.add_option("--role", added->role, "viewer (so by default) or admin")
      ->check(CLI::IsMember({"viewer", "admin"}))
      ->type_name("ROLE");
  add_changes(group, plan);
  add_named(group, "rm", "remove a user for good", plan, remove, std::make_shared<Chosen>());
}

}  // namespace carrel::cli::commands
