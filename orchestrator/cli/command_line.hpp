#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "orchestrator/cli/commands/commands.hpp"
#include "orchestrator/cli/globals.hpp"

namespace carrel::cli {

/// carrelctl's commands and options: what is parsed, completed and described in the manual page. Keep it
/// where it is: the tree points into it.
class CommandLine {
 public:
  CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  [[nodiscard]] CLI::App& root() noexcept { return root_; }
  [[nodiscard]] const CLI::App& root() const noexcept { return root_; }
  [[nodiscard]] const Globals& globals() const noexcept { return globals_; }
  [[nodiscard]] const Plan& plan() const noexcept { return plan_; }

 private:
  CLI::App root_{"carrelctl: looks after a carreld and its sandboxes", "carrelctl"};
  Globals globals_;
  Plan plan_;
};

/// For a command line that was refused: the first word or option that nobody knows, with the nearest that is
/// known; empty when every one is known. `words` are the arguments without the program's name.
[[nodiscard]] std::string unknown_word(const CLI::App& root, const std::vector<std::string>& words);

/// All of carrelctl, but for main(): the exit code.
[[nodiscard]] int run(int argc, const char* const* argv);

}  // namespace carrel::cli
