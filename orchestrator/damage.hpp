#pragma once

#include <filesystem>
#include <optional>

#include "base/error.hpp"
#include "orchestrator/config/config.hpp"

namespace carrel {

/// Looks through the database before anybody writes to it. ErrorKind::invalid: it is damaged; the message
/// says which backup to restore, and how, with the configuration's file `toml`. What else may be wrong with
/// it is the store's to say. Blocks: all of it is read.
[[nodiscard]] Result<void> check_database(const config::Config& config,
                                          const std::optional<std::filesystem::path>& toml);

}  // namespace carrel
