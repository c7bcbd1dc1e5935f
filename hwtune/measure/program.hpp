#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"

namespace carrel::hwtune {

/// What a program of PATH, or of /usr/sbin, writes to its standard output, at most a megabyte. It runs
/// without a shell, until it ends, closes its output, or `seconds` are over: that is no error. One that hangs
/// in the kernel, and cannot be ended, is left to itself. ErrorKind::not_found: there is no such program;
/// ErrorKind::unavailable: four hang already. One thread.
[[nodiscard]] Result<std::string> run_program(const std::vector<std::string>& words, double seconds);

}  // namespace carrel::hwtune
