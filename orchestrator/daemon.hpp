#pragma once

#include <cstddef>
#include <vector>

#include "base/error.hpp"
#include "base/passed_sockets.hpp"
#include "orchestrator/config/config.hpp"
#include "orchestrator/config/load.hpp"
#include "orchestrator/upgrade.hpp"

namespace carrel {

/// How a daemon came to its end.
struct Ending {
  bool upgrade = false;               ///< the program is to be replaced by the one that was found good
  std::vector<PassedSocket> sockets;  ///< for it
};

/// Runs carreld until SIGTERM, SIGINT or, to be replaced by `program`, SIGUSR2; sandboxes go on living for
/// the next one. Listens at the `passed` sockets that suit. Blocks. After hold_signals().
[[nodiscard]] Result<Ending> run_daemon(const config::Config& config, const config::Sources& sources,
                                        const Program& program, std::vector<PassedSocket> passed);

/// Removes every container of this instance, none where there is no database; fails while a daemon runs on
/// the same data. Blocks.
[[nodiscard]] Result<std::size_t> remove_sandboxes(const config::Config& config);

}  // namespace carrel
