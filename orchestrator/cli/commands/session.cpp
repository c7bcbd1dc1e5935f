#include <memory>

#include "base/escape.hpp"
#include "orchestrator/cli/commands/commands.hpp"
#include "orchestrator/cli/format.hpp"
#include "orchestrator/cli/identify.hpp"
#include "orchestrator/cli/views/views.hpp"

namespace carrel::cli::commands {
namespace {

constexpr char kSessions[] = "/api/v1/admin/sessions";

Done revoke(Context& context, const std::string& given) {
  const auto listed = context.get(kSessions);
  if (listed.has_error()) return listed.error();
  const auto id = identify(items_in(*listed), given, "session", "session ls");
  if (id.has_error()) return id.error();
  const auto gone = context.send("DELETE", std::string(kSessions) + "/" + percent_encoded(*id));
  if (gone.has_error()) return gone.error();
  return context.report(*gone, "session " + given + " has ended");
}

}  // namespace

void add_session(CLI::App& root, Plan& plan) {
  CLI::App& group = add_group(root, "session", "who is logged in");
  const auto user = std::make_shared<std::string>();
  CLI::App& list = add_command(group, "ls", "list the sessions", plan, [user](Context& context) {
    const std::string query = user->empty() ? "" : "?user=" + percent_encoded(*user);
    return context.show(kSessions + query, views::sessions);
  });
  list.add_option("--user", *user, "only this user's")->type_name("NAME");
  const auto id = std::make_shared<std::string>();
  CLI::App& end = add_command(group, "revoke", "end a session and its sandbox", plan,
                              [id](Context& context) { return revoke(context, *id); });
  end.add_option("id", *id, "the session, or the beginning of its id")->required()->type_name("ID");
}

}  // namespace carrel::cli::commands
