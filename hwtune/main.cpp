#include <csignal>

#include "hwtune/cli/command_line.hpp"

int main(int argc, char** argv) {
  // A reader that has gone, as in "carrel-hwtune … | head", is told by write().
  std::signal(SIGPIPE, SIG_IGN);
  return carrel::hwtune::cli::run(argc, argv);
}
