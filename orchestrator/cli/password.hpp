#pragma once

#include <string>

#include "orchestrator/cli/failure.hpp"

namespace carrel::cli {

/// A new password: typed twice at the terminal without being shown, or with `from_stdin` the first line of
/// standard input. Never an argument, which every user of the machine could read. ExitCode::usage
/// when there is no terminal.
[[nodiscard]] Answer<std::string> new_password(bool from_stdin);

/// What seals a file: the first line of `file`, or of standard input when that is "-"; typed at the terminal
/// when `file` is empty, twice if `twice`.
[[nodiscard]] Answer<std::string> passphrase(const std::string& file, bool twice);

}  // namespace carrel::cli
