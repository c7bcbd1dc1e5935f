#include <memory>

#include "base/escape.hpp"
#include "orchestrator/cli/commands/commands.hpp"
#include "orchestrator/cli/format.hpp"
#include "orchestrator/cli/identify.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/cli/views/views.hpp"
#include "orchestrator/config/values.hpp"

namespace carrel::cli::commands {

using nlohmann::json;

namespace {

constexpr char kSandboxes[] = "/api/v1/admin/sandboxes";
constexpr double kTopInterval = 2;
constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 50;
constexpr double kMostCpus = 1024;

constexpr std::size_t kWholeId = 36;

Answer<std::string> whole_id(Context& context, const std::string& given) {
  // It may be gone, and is on record all the same.
  if (given.size() == kWholeId) return given;
  const auto listed = context.get(kSandboxes);
  if (listed.has_error()) return listed.error();
  return identify(items_in(*listed), given, "sandbox", "sandbox ls");
}

Answer<std::string> path_of(Context& context, const std::string& given) {
  const auto id = whole_id(context, given);
  if (id.has_error()) return id.error();
  return std::string(kSandboxes) + "/" + percent_encoded(*id);
}

Done show_one(Context& context, const std::string& given, const std::string& below, const View& view) {
  const auto path = path_of(context, given);
  if (path.has_error()) return path.error();
  return context.show(*path + below, view);
}

Done show_logs(Context& context, const std::string& given) {
  const auto path = path_of(context, given);
  if (path.has_error()) return path.error();
  const auto logs = context.get_text(*path + "/logs");
  if (logs.has_error()) return logs.error();
  if (context.style().width == 0) return context.write(*logs);
  std::string safe;
  for (std::size_t begin = 0; begin < logs->size();) {
    const auto end = std::min(logs->find('\n', begin), logs->size());
    safe += printable(std::string_view(*logs).substr(begin, end - begin)) + "\n";
    begin = end + 1;
  }
  return context.write(safe);
}

Done act(Context& context, const std::string& given, const std::string& verb, const std::string& past) {
  const auto path = path_of(context, given);
  if (path.has_error()) return path.error();
  const auto done = context.send("POST", *path + "/" + verb);
  if (done.has_error()) return done.error();
  return context.report(*done, "sandbox " + given + " " + past);
}

struct NewLimits {
  std::string sandbox, memory, cpus, bandwidth;
};

Answer<json> body_of(const NewLimits& limits) {
  json body = json::object();
  if (!limits.memory.empty()) {
    const auto bytes = config::parse_size(limits.memory, 1, kMostBytes);
    if (bytes.has_error()) return wrong_value(bytes.error());
    body["memory"] = *bytes;
  }
  if (!limits.cpus.empty()) {
    const auto cpus = config::parse_fraction(limits.cpus, 0.01, kMostCpus);
    if (cpus.has_error()) return wrong_value(cpus.error());
    body["cpus"] = *cpus;
  }
  if (!limits.bandwidth.empty()) {
    const auto rate = config::parse_size(limits.bandwidth, 0, kMostBytes);
    if (rate.has_error()) return wrong_value(rate.error());
    body["bandwidth"] = *rate;
  }
  if (body.empty()) return fail(ExitCode::usage, "name at least one of --memory, --cpus and --bandwidth");
  return answer_of(std::move(body));
}

Done change_limits(Context& context, const NewLimits& limits) {
  const auto body = body_of(limits);
  if (body.has_error()) return body.error();
  const auto path = path_of(context, limits.sandbox);
  if (path.has_error()) return path.error();
  const auto done = context.send("PATCH", *path + "/limits", *body);
  if (done.has_error()) return done.error();
  return context.report(*done, "sandbox " + limits.sandbox + " has its new limits");
}

Done show_top(Context& context) {
  const auto& globals = context.globals();
  // It is for watching, unless nobody can.
  if (globals.watch || globals.json || context.style().width == 0) {
    return context.show(kSandboxes, views::sandbox_use);
  }
  Globals watching = globals;
  watching.watch = kTopInterval;
  Context again(watching, context.output());
  return again.show(kSandboxes, views::sandbox_use);
}

Done verify(Context& context) {
  const auto answer = context.send("POST", std::string(kSandboxes) + "/verify");
  if (answer.has_error()) return answer.error();
  const auto printed = context.print(*answer, views::verification);
  if (printed.has_error()) return printed;
  for (const json& item : items_in(*answer)) {
    if (member(item, "ok") != true) return fail(ExitCode::failed, "the jail does not hold");
  }
  return {};
}

/// A command with the one argument ID.
void add_for_one(CLI::App& group, const std::string& name, const std::string& description, Plan& plan,
                 std::function<Done(Context&, const std::string&)> run) {
  const auto id = std::make_shared<std::string>();
  CLI::App& command = add_command(group, name, description, plan,
                                  [id, run = std::move(run)](Context& context) { return run(context, *id); });
  command.add_option("id", *id, "the sandbox, or the beginning of its id")->required()->type_name("ID");
}

void add_action(CLI::App& group, const std::string& verb, const std::string& past,
                const std::string& description, Plan& plan) {
  add_for_one(group, verb, description, plan,
              [verb, past](Context& context, const std::string& id) { return act(context, id, verb, past); });
}

void add_limits(CLI::App& group, Plan& plan) {
  const auto limits = std::make_shared<NewLimits>();
  CLI::App& command = add_command(group, "limits", "change the limits of a living sandbox", plan,
                                  [limits](Context& context) { return change_limits(context, *limits); });
  command.add_option("id", limits->sandbox, "the sandbox, or the beginning of its id")
      ->required()
      ->type_name("ID");
  command.add_option("--memory", limits->memory, "such as 512m or 1g")->type_name("SIZE");
  command.add_option("--cpus", limits->cpus, "such as 0.5")->type_name("NUMBER");
  command.add_option("--bandwidth", limits->bandwidth, "bytes a second, such as 4m; 0 for no limit")
      ->type_name("SIZE");
}

}  // namespace

void add_sandbox(CLI::App& root, Plan& plan) {
  CLI::App& group = add_group(root, "sandbox", "the viewers' booths");
  add_command(group, "ls", "list them", plan,
              [](Context& context) { return context.show(kSandboxes, views::sandboxes); });
  add_for_one(
      group, "show", "everything about one, with its history", plan,
      [](Context& context, const std::string& id) { return show_one(context, id, "", views::sandbox); });
  add_for_one(group, "why", "why it lives, what touched it last, when it goes and who removes it", plan,
              [](Context& context, const std::string& id) {
                return show_one(context, id, "/why", views::sandbox_why);
              });
  add_for_one(group, "logs", "what its streamer wrote", plan, show_logs);
  add_command(group, "top", "what they use, again and again", plan, show_top);
  add_action(group, "stop", "is stopping", "end it in good order; the session's next play brings a new one",
             plan);
  add_action(group, "kill", "is being killed", "end it at once", plan);
  add_action(group, "pause", "is paused", "freeze it; the next play wakes it up", plan);
  add_action(group, "resume", "goes on", "wake a paused one up", plan);
  add_limits(group, plan);
  add_command(group, "verify", "try to break out of a sandbox, harmlessly, and tell", plan, verify);
}

}  // namespace carrel::cli::commands
