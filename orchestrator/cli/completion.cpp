#include "orchestrator/cli/completion.hpp"

#include "orchestrator/cli/tree.hpp"

namespace carrel::cli {
namespace {

using tree::Command;
using tree::Option;

constexpr char kNote[] = "# Made by carrelctl completion; do not edit.\n";

std::string words(const std::vector<std::string>& list) {
  return tree::joined(list);
}

/// In single quotes, for a shell.
std::string quoted(const std::string& text) {
  std::string safe = "'";
  for (const char c : text) {
    if (c == '\'') {
      safe += "'\\''";
    } else {
      safe += c;
    }
  }
  return safe + "'";
}

std::vector<std::string> names_of(const std::vector<Option>& options) {
  std::vector<std::string> names;
  for (const auto& option : options) names.insert(names.end(), option.names.begin(), option.names.end());
  return names;
}

/// What may come after a command: its subcommands, the choices of its arguments, its options, and the root's.
std::vector<std::string> after(const Command& command, const Command& root) {
  std::vector<std::string> all = command.subcommands;
  for (const auto& argument : command.arguments) {
    all.insert(all.end(), argument.choices.begin(), argument.choices.end());
  }
  const auto own = names_of(command.options);
  all.insert(all.end(), own.begin(), own.end());
  if (command.path.empty()) return all;
  const auto everywhere = names_of(root.options);
  all.insert(all.end(), everywhere.begin(), everywhere.end());
  return all;
}

/// "--url|--socket": those that must have a value.
std::string with_value(const std::vector<Command>& all) {
  std::string pattern;
  for (const auto& command : all) {
    for (const auto& option : command.options) {
      if (option.label.empty() || option.value_is_optional) continue;
      for (const auto& name : option.names) pattern += (pattern.empty() ? "" : "|") + name;
    }
  }
  return pattern;
}

/// The common part of bash and zsh: finds the command in `words`, sets `known` to what may follow.
std::string walk(const std::vector<Command>& all, const std::string& words_after_first) {
  std::string script = "  local path='' word skip='' known=''\n";
  script += "  for word in " + words_after_first + "; do\n";
  script += "    if [[ -n $skip ]]; then skip=''; continue; fi\n";
  script += "    case $word in\n";
  script += "      " + with_value(all) + ") skip=1 ;;\n";
  script += "      -*) ;;\n";
  script += "      *) case \"$path $word\" in\n";
  for (const auto& command : all) {
    if (!command.path.empty())
      script += "        " + quoted(" " + words(command.path)) + ") path=\"$path $word\" ;;\n";
  }
  script += "      esac ;;\n    esac\n  done\n";
  script += "  case $path in\n";
  for (const auto& command : all) {
    const std::string place = command.path.empty() ? "" : " " + words(command.path);
    script += "    " + quoted(place) + ") known=" + quoted(words(after(command, all.front()))) + " ;;\n";
  }
  return script + "  esac\n";
}

/// After an option with a value: files, for those that name one.
std::string bash(const std::vector<Command>& all) {
  std::string script = kNote;
  script +=
      "_carrelctl() {\n  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n";
  script += "  COMPREPLY=()\n";
  script += "  case $previous in\n";
  script +=
      "    --socket|--token-file|--ca-file|--config) mapfile -t COMPREPLY < <(compgen -f -- \"$current\"); "
      "return ;;\n";
  script += "    " + with_value(all) + ") return ;;\n  esac\n";
  script += walk(all, "\"${COMP_WORDS[@]:1:COMP_CWORD-1}\"");
  script += "  mapfile -t COMPREPLY < <(compgen -W \"$known\" -- \"$current\")\n}\n";
  return script + "complete -F _carrelctl carrelctl\n";
}

std::string zsh(const std::vector<Command>& all) {
  std::string script = "#compdef carrelctl\n" + std::string(kNote);
  script += "_carrelctl() {\n  local previous=${words[CURRENT-1]}\n";
  script += "  case $previous in\n";
  script += "    --socket|--token-file|--ca-file|--config) _files; return ;;\n";
  script += "    " + with_value(all) + ") return ;;\n  esac\n";
  // "path" is special in zsh.
  std::string body = walk(all, "\"${(@)words[2,CURRENT-1]}\"");
  for (auto at = body.find("path"); at != std::string::npos; at = body.find("path", at + 5))
    body.replace(at, 4, "place");
  script += body;
  script += "  compadd -- ${=known}\n}\n";
  return script +
         "if [[ $funcstack[1] == _carrelctl ]]; then _carrelctl; else compdef _carrelctl carrelctl; fi\n";
}

std::string fish_option(const Option& option) {
  std::string text;
  for (const auto& name : option.names) {
    text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  }
  if (!option.label.empty() && !option.value_is_optional) {
    text += option.label == "FILE" || option.label == "PATH" ? " -r -F" : " -x";
  }
  if (!option.choices.empty()) text += " -a " + quoted(words(option.choices));
  return text + " -d " + quoted(option.description) + "\n";
}

/// True at a command: its words were seen, in a command line that fish has taken apart.
std::string fish_place(const Command& command) {
  if (command.path.empty()) return "__fish_use_subcommand";
  std::string text = "__fish_seen_subcommand_from " + command.path.front();
  if (command.path.size() > 1) text += "; and __fish_seen_subcommand_from " + command.path.back();
  if (command.path.size() == 1 && !command.subcommands.empty()) {
    text += "; and not __fish_seen_subcommand_from " + words(command.subcommands);
  }
  return text;
}

std::string fish(const std::vector<Command>& all) {
  std::string script = std::string(kNote) + "complete -c carrelctl -f\n";
  for (const auto& option : all.front().options) script += "complete -c carrelctl" + fish_option(option);
  for (const auto& command : all) {
    const std::string at = "complete -c carrelctl -n " + quoted(fish_place(command));
    for (const auto& below : all) {
      const bool is_below = below.path.size() == command.path.size() + 1 &&
                            std::equal(command.path.begin(), command.path.end(), below.path.begin());
      if (is_below) script += at + " -a " + below.path.back() + " -d " + quoted(below.description) + "\n";
    }
    for (const auto& argument : command.arguments) {
      if (!argument.choices.empty()) script += at + " -a " + quoted(words(argument.choices)) + "\n";
    }
    if (command.path.empty()) continue;
    for (const auto& option : command.options) script += at + fish_option(option);
  }
  return script;
}

}  // namespace

std::string completion(const CLI::App& root, const std::string& shell) {
  const auto all = tree::commands(root);
  if (shell == "zsh") return zsh(all);
  if (shell == "fish") return fish(all);
  return bash(all);
}

}  // namespace carrel::cli
