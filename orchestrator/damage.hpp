#pragma once

#include "base/error.hpp"
#include "orchestrator/config/config.hpp"
#include "orchestrator/config/load.hpp"

namespace carrel {

/// Looks through the database before anybody writes to it. ErrorKind::invalid: it is damaged; the message
/// says which backup to restore, and how, with the configuration that was read from `inputs`. What else may
/// be wrong with it is the store's to say. Blocks: all of it is read.
[[nodiscard]] Result<void> check_database(const config::Config& config, const config::LoadInputs& inputs);

}  // namespace carrel
