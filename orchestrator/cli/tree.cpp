#include "orchestrator/cli/tree.hpp"

namespace carrel::cli::tree {
namespace {

/// CLI11 keeps the choices of IsMember only as the text "{a,b}".
std::vector<std::string> choices_of(const std::string& type) {
  const auto open = type.find('{');
  const auto close = type.find('}', open == std::string::npos ? 0 : open);
  std::vector<std::string> choices;
  if (open == std::string::npos || close == std::string::npos) return choices;
  std::string rest = type.substr(open + 1, close - open - 1);
  while (!rest.empty()) {
    const auto comma = rest.find(',');
    choices.push_back(rest.substr(0, comma));
    rest = comma == std::string::npos ? std::string() : rest.substr(comma + 1);
  }
  return choices;
}

Option option_from(const CLI::Option& option) {
  Option made;
  made.description = option.get_description();
  const bool takes_value = option.get_type_size() > 0 && option.get_expected_max() > 0;
  // "NAME" or "NAME:{a,b}".
  const std::string type = option.get_type_name();
  if (takes_value) made.label = type.substr(0, type.find(':'));
  made.value_is_optional = takes_value && option.get_expected_min() == 0;
  made.choices = choices_of(type);
  if (!option.nonpositional()) return made;
  for (const auto& name : option.get_lnames()) made.names.push_back("--" + name);
  for (const auto& name : option.get_snames()) made.names.push_back("-" + name);
  return made;
}

void collect(const CLI::App& app, const std::vector<std::string>& path, std::vector<Command>& all) {
  Command command;
  command.path = path;
  command.description = app.get_description();
  for (const CLI::Option* option : app.get_options()) {
    Option made = option_from(*option);
    // Every command has its own help flag; once is enough.
    const bool help = app.get_parent() != nullptr && option == app.get_help_ptr();
    if (help) continue;
    (made.names.empty() ? command.arguments : command.options).push_back(std::move(made));
  }
  const auto below = app.get_subcommands([](const CLI::App*) { return true; });
  for (const CLI::App* each : below) command.subcommands.push_back(each->get_name());
  all.push_back(std::move(command));
  for (const CLI::App* each : below) {
    auto longer = path;
    longer.push_back(each->get_name());
    collect(*each, longer, all);
  }
}

}  // namespace

std::vector<Command> commands(const CLI::App& root) {
  std::vector<Command> all;
  collect(root, {}, all);
  return all;
}

std::string joined(const std::vector<std::string>& path) {
  std::string text;
  for (const auto& each : path) text += (text.empty() ? "" : " ") + each;
  return text;
}

}  // namespace carrel::cli::tree
