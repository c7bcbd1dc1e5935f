#pragma once

#include <string_view>

#include "orchestrator/cli/terminal.hpp"

namespace carrel::cli {

/// Of a sandbox's, an engine's or a check's state.
[[nodiscard]] Tone tone_of_state(std::string_view state);

}  // namespace carrel::cli
