#include <cstdint>
#include <memory>

#include "base/escape.hpp"
#include "orchestrator/cli/commands/commands.hpp"
#include "orchestrator/cli/commands/numbers.hpp"
#include "orchestrator/cli/format.hpp"
#include "orchestrator/cli/identify.hpp"
#include "orchestrator/cli/views/views.hpp"

namespace carrel::cli::commands {

namespace {

constexpr char kJobs[] = "/api/v1/admin/jobs";
constexpr std::int64_t kMostPriority = 1000;

Answer<std::string> path_of(Context& context, const std::string& given) {
  const auto listed = context.get(kJobs);
  if (listed.has_error()) return listed.error();
  const auto id = identify(items_in(*listed), given, "job", "jobs list");
  if (id.has_error()) return id.error();
  return std::string(kJobs) + "/" + percent_encoded(*id);
}

Done add(Context& context, const std::string& video, const std::string& quality) {
  const auto done =
      context.send("POST", kJobs, {{"video", video}, {"kind", "convert"}, {"quality", quality}});
  if (done.has_error()) return done.error();
  return context.report(*done, "job " + text_in(*done, "id") + " is " + text_in(*done, "state"));
}

Done act(Context& context, const std::string& given, const std::string& verb, const std::string& past) {
  const auto path = path_of(context, given);
  if (path.has_error()) return path.error();
  const auto done = context.send("POST", *path + "/" + verb);
  if (done.has_error()) return done.error();
  return context.report(*done, "job " + given + " " + past);
}

CLI::App& add_for_one(CLI::App& group, const std::string& name, const std::string& description, Plan& plan,
                      const std::string& past) {
  const auto job = std::make_shared<std::string>();
  CLI::App& command = add_command(group, name, description, plan, [job, name, past](Context& context) {
    return act(context, *job, name, past);
  });
  command.add_option("job", *job, "its id, or the beginning of it")->required()->type_name("JOB");
  return command;
}

void add_add(CLI::App& group, Plan& plan) {
  const auto video = std::make_shared<std::string>();
  const auto quality = std::make_shared<std::string>("play");
  CLI::App& command = add_command(group, "add", "convert a film", plan, [video, quality](Context& context) {
    return add(context, *video, *quality);
  });
  command.add_option("video", *video, "its id, the beginning of it, or its title")
      ->required()
      ->type_name("VIDEO");
  command
      .add_option("--quality", *quality,
                  "play makes a film playable that no browser plays; the others are smaller ones")
      ->check(CLI::IsMember({"play", "720p", "480p", "360p"}))
      ->type_name("QUALITY");
}

void add_priority(CLI::App& group, Plan& plan) {
  const auto job = std::make_shared<std::string>();
  const auto priority = std::make_shared<std::int64_t>(0);
  CLI::App& command = add_command(group, "priority", "let a job go before others, or after them", plan,
                                  [job, priority](Context& context) -> Done {
                                    const auto path = path_of(context, *job);
                                    if (path.has_error()) return path.error();
                                    const auto done = context.send("PATCH", *path, {{"priority", *priority}});
                                    if (done.has_error()) return done.error();
                                    return context.report(
                                        *done, "job " + *job + " has priority " + std::to_string(*priority));
                                  });
  command.add_option("job", *job, "its id, or the beginning of it")->required()->type_name("JOB");
  command
      .add_option("priority", *priority,
                  "-1000 to 1000, higher ones first; Carrel's own jobs have 0, those of viewers 10")
      ->required()
      ->check(whole_number(-kMostPriority, kMostPriority))
      ->type_name("NUMBER");
}

}  // namespace

void add_jobs(CLI::App& root, Plan& plan) {
  CLI::App& group = add_group(root, "jobs", "films that are converted in the background");
  add_command(group, "list",
              "list the jobs: those that run, then as they will be started, then those that ended", plan,
              [](Context& context) { return context.show(kJobs, views::jobs); });
  add_add(group, plan);
  add_for_one(group, "cancel", "end a job, or let it not begin; what it has made so far is removed", plan,
              "is cancelled");
  add_for_one(group, "retry", "try a job again that failed or was cancelled, or that waits to be tried again",
              plan, "waits again");
  add_priority(group, plan);
}

}  // namespace carrel::cli::commands
