#pragma once

#include <optional>
#include <string>

#include "base/error.hpp"
#include "orchestrator/config/config.hpp"
#include "orchestrator/config/load.hpp"

namespace carrel {

struct DatabaseDamage {
  std::string what;     ///< is wrong with which database
  std::string way_out;  ///< lines: which backup to restore, and how; how to begin anew
};

/// Looks through the database, and changes nothing; `config` was read from `inputs`. Nothing: no damage is
/// known; what else may be wrong with it is the store's to say. Blocks: all of it is read.
[[nodiscard]] std::optional<DatabaseDamage> find_damage(const config::Config& config,
                                                        const config::LoadInputs& inputs);

/// The same before anybody writes to it. ErrorKind::invalid: it is damaged, or lost.
[[nodiscard]] Result<void> check_database(const config::Config& config, const config::LoadInputs& inputs);

}  // namespace carrel
