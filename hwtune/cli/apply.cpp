#include <unistd.h>

#include <iostream>
#include <memory>

#include "hwtune/cli/context.hpp"
#include "hwtune/tune/tune.hpp"
#include "hwtune/tune/view.hpp"

namespace carrel::hwtune::cli {
namespace {

struct Options {
  bool yes = false;
  bool dry_run = false;
};

Failure failure_of(const Error& error) {
  return {error.kind == ErrorKind::conflict ? ExitCode::refused : ExitCode::failed, error.message};
}

/// Root's yes. Nothing: it is given.
Done permission(Context& context, const machine::Root& root, const Options& options, const char* what) {
  if (root.is_real() && ::geteuid() != 0) {
    return Failure{ExitCode::refused,
                   std::string("nothing was changed: only root may; sudo carrel-hwtune ") + what};
  }
  if (options.yes) return {};
  if (context.globals().json || ::isatty(STDIN_FILENO) != 1) {
    return Failure{ExitCode::refused, "nothing was changed: nobody is here to be asked; say --yes"};
  }
  context.write("\nDo this? Type yes: ");
  std::string answer;
  std::getline(std::cin, answer);
  if (answer == "yes") return {};
  return Failure{ExitCode::refused, "nothing was changed"};
}

Done apply(Context& context, const Options& options) {
  const auto root = context.root();
  if (root.has_error()) return Failure{ExitCode::failed, root.error().message};
  const Detected detected = context.detected(*root);
  const auto proposal = tune::propose(*root, detected.facts);
  if (proposal.has_error()) return failure_of(proposal.error());
  context.print(tune::json_of(*proposal), tune::view_of(*root, *proposal, context.style()));
  if (proposal->empty()) return {};
  if (options.dry_run) {
    if (!context.globals().json) context.write("\nNothing was changed. Next: sudo carrel-hwtune apply\n");
    return {};
  }
  const Done may = permission(context, *root, options, "apply");
  if (may) return may;
  const tune::Writer writer(*root);
  const auto done = tune::apply(*root, writer, *proposal);
  if (done.has_error()) {
    return Failure{ExitCode::failed,
                   done.error().message + "; carrel-hwtune revert undoes what was changed so far"};
  }
  if (!context.globals().json) context.write("\nDone. carrel-hwtune revert undoes it.\n");
  return {};
}

Done revert(Context& context, const Options& options) {
  const auto root = context.root();
  if (root.has_error()) return Failure{ExitCode::failed, root.error().message};
  const auto proposal = tune::propose_revert(*root);
  if (proposal.has_error()) return failure_of(proposal.error());
  context.print(tune::json_of(*proposal), tune::view_of(*proposal, context.style()));
  const bool nothing = !root->exists(tune::kRecordDirectory);
  if (nothing || options.dry_run) return {};
  const Done may = permission(context, *root, options, "revert");
  if (may) return may;
  const tune::Writer writer(*root);
  const auto done = tune::revert(*root, writer);
  if (done.has_error())
    return Failure{ExitCode::failed, done.error().message + "; run carrel-hwtune revert again"};
  if (!done->kept.empty()) {
    return Failure{ExitCode::refused, "undone, but for what somebody else changed meanwhile: that stays"};
  }
  if (!context.globals().json) context.write("\nDone: this machine is as it was.\n");
  return {};
}

void add(CLI::App& root, Plan& plan, const std::string& name, const std::string& description,
         Done (*run)(Context&, const Options&)) {
  const auto options = std::make_shared<Options>();
  CLI::App& command = *root.add_subcommand(name, description);
  command.fallthrough();
  command.add_flag("--dry-run,-n", options->dry_run, "only show the difference");
  command.add_flag("--yes,-y", options->yes, "do not ask");
  command.callback(
      [&plan, options, run] { plan.run = [=](Context& context) { return run(context, *options); }; });
}

}  // namespace

void add_apply(CLI::App& root, Plan& plan) {
  add(root, plan, "apply", "tune this machine; shows what changes, and asks", &apply);
  add(root, plan, "revert", "undo what apply changed", &revert);
}

}  // namespace carrel::hwtune::cli
