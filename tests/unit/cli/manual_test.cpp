#include "orchestrator/cli/manual.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "orchestrator/cli/command_line.hpp"

using namespace carrel::cli;

TEST_CASE("docs/man/carrelctl.1 is made from the command tree; CARREL_TEST_WRITE_DOCS=1 makes it anew") {
  const CommandLine line;
  const std::string path = CARREL_DOCS_DIRECTORY "/man/carrelctl.1";
  if (std::getenv("CARREL_TEST_WRITE_DOCS") != nullptr) std::ofstream(path) << manual(line.root());
  std::ifstream file(path);
  std::ostringstream content;
  content << file.rdbuf();
  CHECK(content.str() == manual(line.root()));
}
