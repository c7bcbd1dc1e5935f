#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"

namespace carrel::hwtune {

struct Ran {
  int status = 0;      ///< exit status; -1: ended by a signal
  std::string output;  ///< standard output, at most a megabyte
};

/// Runs a program of PATH, without a shell, and ends it after `seconds`: that is no error.
/// ErrorKind::not_found: there is no such program.
[[nodiscard]] Result<Ran> run_program(const std::vector<std::string>& words, double seconds);

}  // namespace carrel::hwtune
