#include "hwtune/cli/command_line.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>

#include "hwtune/cli/context.hpp"
#include "orchestrator/config/suggest.hpp"

namespace carrel::hwtune::cli {
namespace {

constexpr char kFooter[] =
    "detect, measure and plan only look; apply asks first, and revert undoes it.\n"
    "Exit codes: 0 done, 1 failed, 2 wrong command line, 4 refused.";

void add_options(CLI::App& app, Globals& globals) {
  app.require_subcommand(1);
  app.footer(kFooter);
  app.set_version_flag("--version", CARREL_VERSION, "print the version and end");
  app.set_help_flag("--help,-h", "print what there is and end");
  app.add_flag("--json", globals.json, "print JSON, for programs");
  app.add_option("--config", globals.config,
                 "carreld's TOML file, for where the films and the data are; without it, ./carrel.toml or "
                 "/etc/carrel/carrel.toml")
      ->type_name("FILE");
  app.add_option("--library", globals.library, "a folder of films, instead of those of the configuration")
      ->type_name("PATH");
  app.add_option("--data", globals.data, "carreld's data.dir, instead of the configuration's")
      ->type_name("PATH");
  app.add_option("--engine", globals.engine_socket, "Docker's socket, instead of the configuration's")
      ->type_name("PATH");
  app.add_option("--root", globals.root, "look at the machine whose /sys, /proc and /etc are in this tree")
      ->type_name("PATH");
}

/// For a command line that was refused because of its first word.
std::string unknown_command(const CLI::App& app, int argc, const char* const* argv) {
  if (argc < 2 || argv[1][0] == '-') return {};
  std::vector<std::string> known;
  for (const CLI::App* each : app.get_subcommands([](const CLI::App*) { return true; })) {
    known.push_back(each->get_name());
  }
  if (std::ranges::find(known, argv[1]) != known.end()) return {};
  return "there is no command " + std::string(argv[1]) + config::did_you_mean(argv[1], known);
}

int complain(Context& context, const Failure& failure) {
  context.note(failure.message);
  return static_cast<int>(failure.code);
}

}  // namespace

int run(int argc, const char* const* argv) {
  CLI::App app{"carrel-hwtune: measures a machine, plans its capacity for Carrel, tunes it and undoes it",
               "carrel-hwtune"};
  Globals globals;
  Plan plan;
  Context context(globals, STDOUT_FILENO);
  add_options(app, globals);
  add_detect(app, plan);
  add_measure(app, plan);
  add_plan(app, plan);
  add_apply(app, plan);
  add_watch(app, plan);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {
    return app.exit(asked);  // help, version
  } catch (const CLI::ParseError& error) {
    const std::string unknown = unknown_command(app, argc, argv);
    return complain(context, {ExitCode::usage, (unknown.empty() ? error.what() : unknown) +
                                                   "\ncarrel-hwtune --help says more"});
  }
  try {
    const Done done = plan.run(context);
    return done ? complain(context, *done) : 0;
  } catch (const std::exception& error) {
    return complain(context, {ExitCode::failed, std::string("a bug: ") + error.what()});
  }
}

}  // namespace carrel::hwtune::cli
