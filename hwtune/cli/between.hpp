#pragma once

#include <CLI/CLI.hpp>

namespace carrel::hwtune::cli {

/// For an option's check(): decimal, finite and within; CLI::Range lets "nan" through.
[[nodiscard]] CLI::Validator between(double least, double most);

}  // namespace carrel::hwtune::cli
