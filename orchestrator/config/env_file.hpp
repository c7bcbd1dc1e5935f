#pragma once

#include <string>
#include <string_view>

#include "orchestrator/config/setting.hpp"

namespace carrel::config {

/// Reads lines of NAME=value: blank lines and `#` comments, an optional `export`, values bare (up to " #"),
/// in single quotes (literal) or in double quotes (with \" \\ \n \t). Nothing is expanded. Lines of other
/// programs' variables are read too. `file` names the source in places and errors; values appear in no error.
[[nodiscard]] Settings parse_env(std::string_view text, const std::string& file);

}  // namespace carrel::config
