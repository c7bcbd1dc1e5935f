#include <csignal>

#include "orchestrator/cli/command_line.hpp"

int main(int argc, char** argv) {
  // A reader that has gone, as in "carrelctl … | head", is told by write().
  std::signal(SIGPIPE, SIG_IGN);
  return carrel::cli::run(argc, argv);
}
