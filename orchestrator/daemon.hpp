#pragma once

#include <cstddef>

#include "base/error.hpp"
#include "orchestrator/config/config.hpp"
#include "orchestrator/config/load.hpp"

namespace carrel {

/// Runs carreld until SIGTERM or SIGINT; sandboxes go on living for the next one. Blocks.
[[nodiscard]] Result<void> run_daemon(const config::Config& config, const config::Sources& sources);

/// Removes every container of this instance; fails while a daemon runs on the same data. Blocks.
[[nodiscard]] Result<std::size_t> remove_sandboxes(const config::Config& config);

}  // namespace carrel
