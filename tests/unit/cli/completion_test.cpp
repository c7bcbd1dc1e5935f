#include "orchestrator/cli/completion.hpp"

#include <doctest/doctest.h>

#include "orchestrator/cli/command_line.hpp"
#include "orchestrator/cli/tree.hpp"

using namespace carrel::cli;

TEST_CASE("every command and every long option is in every shell's script") {
  const CommandLine line;
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const std::string script = completion(line.root(), shell);
    for (const auto& command : tree::commands(line.root())) {
      CAPTURE(shell);
      CAPTURE(tree::joined(command.path));
      if (!command.path.empty()) CHECK(script.find(command.path.back()) != std::string::npos);
      for (const auto& option : command.options) {
        const std::string& name = option.names.front();
        const std::string shown = shell == std::string("fish") ? " -l " + name.substr(2) : name;
        CHECK(script.find(shown) != std::string::npos);
      }
    }
  }
}

TEST_CASE("choices are found in the tree") {
  const CommandLine line;
  bool found = false;
  for (const auto& command : tree::commands(line.root())) {
    if (tree::joined(command.path) != "completion") continue;
    REQUIRE(command.arguments.size() == 1);
    CHECK(command.arguments[0].choices.size() == 3);
    found = true;
  }
  CHECK(found);
}
