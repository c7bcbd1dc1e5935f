#pragma once

#include <filesystem>

#include "base/error.hpp"
#include "orchestrator/config/config.hpp"

namespace carrel {

/// Puts a backup in the place of the database; fails while a daemon runs on the same data. Returns where the
/// old one is now; empty when there was none. As store::restore_database(). Blocks.
[[nodiscard]] Result<std::filesystem::path> restore(const config::Config& config,
                                                    const std::filesystem::path& backup);

}  // namespace carrel
