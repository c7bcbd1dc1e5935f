#pragma once

namespace carrel::hwtune::cli {

/// All of carrel-hwtune, but for main(): the exit code.
[[nodiscard]] int run(int argc, const char* const* argv);

}  // namespace carrel::hwtune::cli
