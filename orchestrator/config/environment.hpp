#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/config/keys.hpp"
#include "orchestrator/config/setting.hpp"

namespace carrel::config {

/// Turns variables into settings named by key, from the environment or an env file: CARREL_SECTION_KEY gives
/// its value, CARREL_SECTION_KEY_FILE the content of that file without its last line end. Variables that do
/// not begin with CARREL_ or that belong to the scripts (CARREL_BUILD_DIR, CARREL_TEST_… and the like) are
/// left out; every other one is an error.
[[nodiscard]] Settings resolve_variables(const std::vector<Setting>& variables);

}  // namespace carrel::config
