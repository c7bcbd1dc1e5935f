#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace carrel::cli {

/// The script that teaches `shell` (bash, zsh or fish) the commands and options of the tree: words only,
/// nothing is asked of a daemon.
[[nodiscard]] std::string completion(const CLI::App& root, const std::string& shell);

}  // namespace carrel::cli
