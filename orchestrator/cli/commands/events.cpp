#include <memory>
#include <optional>

#include "base/escape.hpp"
#include "orchestrator/cli/commands/commands.hpp"
#include "orchestrator/cli/commands/numbers.hpp"
#include "orchestrator/cli/format.hpp"
#include "orchestrator/cli/views/views.hpp"

namespace carrel::cli::commands {

using nlohmann::json;

namespace {

constexpr char kEvents[] = "/api/v1/admin/events";
constexpr char kAudit[] = "/api/v1/admin/audit";
constexpr std::int64_t kMostEvents = 1'000'000'000;
constexpr std::int64_t kMostLines = 1000;

std::string line_of(const Context& context, const ServerEvent& event) {
  json data = json::parse(event.data, nullptr, false);
  if (data.is_discarded()) data = event.data;
  if (!context.globals().json) return views::event(event.name, data, context.style()) + "\n";
  return json{{"event", event.name}, {"data", data}}.dump(-1, ' ', false, json::error_handler_t::replace) +
         "\n";
}

Done follow(Context& context, std::uint64_t count) {
  std::optional<Failure> unwritten;
  std::uint64_t seen = 0;
  const auto take = [&](const ServerEvent& event) {
    const auto written = context.write(line_of(context, event));
    if (written.has_error()) unwritten = written.error();
    return written.has_value() && ++seen != count;
  };
  const auto ended = context.follow(kEvents, take);
  if (unwritten) return *unwritten;
  if (ended.has_error()) return ended.error();
  if (count != 0 && seen == count) return {};
  return fail(ExitCode::unreachable, "carreld ended the stream of events; it is stopping, or was restarted");
}

struct AuditQuery {
  std::string since, actor, action, object, limit, before;
};

std::string query_of(const AuditQuery& asked) {
  std::string query;
  const auto add = [&query](const char* name, const std::string& value) {
    if (value.empty()) return;
    query += (query.empty() ? "?" : "&") + std::string(name) + "=" + percent_encoded(value);
  };
  add("since", asked.since);
  add("actor", asked.actor);
  add("action", asked.action);
  add("object", asked.object);
  add("limit", asked.limit);
  add("before", asked.before);
  return query;
}

}  // namespace

void add_events(CLI::App& root, Plan& plan) {
  const auto count = std::make_shared<std::uint64_t>(0);
  CLI::App& command = add_command(root, "events", "what happens to sandboxes, as it happens", plan,
                                  [count](Context& context) { return follow(context, *count); });
  const std::string always_so = "until Control-C (so by default)";
  CLI::Option* follow_flag = command.add_flag("--follow,-f", always_so);
  command.add_option("--count", *count, "end after so many events")
      ->check(whole_number(1, kMostEvents))
      ->type_name("NUMBER")
      ->excludes(follow_flag);
}

void add_audit(CLI::App& root, Plan& plan) {
  const auto asked = std::make_shared<AuditQuery>();
  CLI::App& command = add_command(
      root, "audit", "who did what, the newest first", plan,
      [asked](Context& context) { return context.show(kAudit + query_of(*asked), views::audit); });
  command.add_option("--since", asked->since, "such as 2026-01-31T00:00:00Z, or seconds since 1970")
      ->type_name("TIME");
  command.add_option("--actor", asked->actor, "who did it")->type_name("NAME");
  command.add_option("--action", asked->action, "what was done, such as login_failed")->type_name("NAME");
  command.add_option("--object", asked->object, "what it was done to")->type_name("NAME");
  command.add_option("--limit", asked->limit, "at most so many, 1 to 1000; 100 by default")
      ->check(whole_number(1, kMostLines))
      ->type_name("NUMBER");
  command.add_option("--before", asked->before, "further back: \"next\" of the JSON before")
      ->type_name("NEXT");
}

}  // namespace carrel::cli::commands
