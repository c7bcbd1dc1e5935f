#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

/// The command tree as completion and the manual page need it.
namespace carrel::cli::tree {

struct Option {
  std::vector<std::string> names;  ///< "--json", "-w"; of an argument: none
  std::string label;               ///< "NAME" of an argument or a value; empty: takes no value
  bool value_is_optional = false;
  std::string description;
  std::vector<std::string> choices;
};

struct Command {
  std::vector<std::string> path;  ///< without "carrelctl": {"sandbox", "ls"}; empty: the root
  std::string description;
  std::vector<Option> arguments;
  std::vector<Option> options;           ///< its own; those of the root hold everywhere
  std::vector<std::string> subcommands;  ///< names
};

/// The root first, every command after the one that it belongs to, in the order of the help.
[[nodiscard]] std::vector<Command> commands(const CLI::App& root);

/// "sandbox ls".
[[nodiscard]] std::string joined(const std::vector<std::string>& path);

}  // namespace carrel::cli::tree
