#pragma once

#include <string>
#include <string_view>

#include "orchestrator/config/setting.hpp"

namespace carrel::config {

/// Reads TOML 1.0 of two levels, sections and keys, without inline tables, into names such as "http.listen".
/// `file` names the source in places and errors. A text that is no TOML at all gives its one error and no
/// settings.
[[nodiscard]] Settings parse_toml(std::string_view text, const std::string& file);

}  // namespace carrel::config
