#pragma once

#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "orchestrator/cli/context.hpp"
#include "orchestrator/config/config.hpp"

/// Backups as an administrator makes and restores them, on the daemon's machine.
namespace carrel::cli::backups {

struct MakeOrder {
  std::filesystem::path folder;  ///< empty: backups in the data directory
  std::string passphrase;        ///< empty: not sealed
  std::size_t keep = 30;
  std::chrono::seconds age{0};  ///< 0: however old they are
};

/// Of the running daemon; of its files when none runs. The answer has path, bytes, seconds, parts, sealed,
/// left_out (settings that cannot be read, or must not be in an open one), dropped.
[[nodiscard]] Answer<nlohmann::json> make(Context& context, const MakeOrder& order);

/// data.dir/backups, as the configuration here has it.
[[nodiscard]] std::filesystem::path default_folder(const config::Config& config);

}  // namespace carrel::cli::backups
