#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "orchestrator/cli/context.hpp"
#include "orchestrator/cli/failure.hpp"

/// Each add_…() hangs its commands, with their options, into the tree; a command that is chosen leaves what
/// is to be done in the plan. Nothing is done while the command line is being read.
namespace carrel::cli {

struct Plan {
  std::function<Done(Context&)> run;
};

namespace commands {

void add_status(CLI::App& root, Plan& plan);
void add_sandbox(CLI::App& root, Plan& plan);
void add_session(CLI::App& root, Plan& plan);
void add_user(CLI::App& root, Plan& plan);
void add_token(CLI::App& root, Plan& plan);
void add_pool(CLI::App& root, Plan& plan);
void add_gc(CLI::App& root, Plan& plan);
void add_jobs(CLI::App& root, Plan& plan);
void add_events(CLI::App& root, Plan& plan);
void add_audit(CLI::App& root, Plan& plan);
void add_log(CLI::App& root, Plan& plan);
void add_config(CLI::App& root, Plan& plan);
void add_doctor(CLI::App& root, Plan& plan);
void add_image(CLI::App& root, Plan& plan);
void add_backup(CLI::App& root, Plan& plan);
void add_completion(CLI::App& root, Plan& plan);

/// A command that knows further ones and does nothing by itself.
[[nodiscard]] CLI::App& add_group(CLI::App& parent, const std::string& name, const std::string& description);
/// A command that does something.
CLI::App& add_command(CLI::App& parent, const std::string& name, const std::string& description, Plan& plan,
                      std::function<Done(Context&)> run);

}  // namespace commands
}  // namespace carrel::cli
