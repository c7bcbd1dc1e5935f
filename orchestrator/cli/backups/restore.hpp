#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "orchestrator/backup/manifest.hpp"
#include "orchestrator/cli/context.hpp"

namespace carrel::cli::backups {

/// Reads all of it, and has SQLite check the database in it. ErrorKind::invalid: damaged.
[[nodiscard]] Result<backup::Manifest> verify(const std::filesystem::path& file,
                                              const std::string& passphrase);

struct RestoreOrder {
  std::filesystem::path file;
  std::string passphrase;
  bool settings = false;  ///< also over settings that are there; the old ones stay beside them
};

/// Puts settings where they were, as far as nothing is there, and the database in the place of the one that
/// is there, by carreld. The answer has seconds, made_at, settings, kept, missing_images.
[[nodiscard]] Answer<nlohmann::json> restore(const Context& context, const RestoreOrder& order);

}  // namespace carrel::cli::backups
