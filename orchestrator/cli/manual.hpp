#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace carrel::cli {

/// carrelctl(1) in the language of man(7), from the command tree: docs/man/carrelctl.1.
[[nodiscard]] std::string manual(const CLI::App& root);

}  // namespace carrel::cli
