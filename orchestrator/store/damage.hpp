#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace carrel::store {

/// Where a daemon keeps the indexes of films, and its backups, beside the database.
inline constexpr const char* kIndexFolder = "index";
inline constexpr const char* kBackupFolder = "backups";

/// Whether a daemon has kept films or backups in `directory`: then its database is no new one.
[[nodiscard]] bool was_used(const std::filesystem::path& directory);

struct Damage {
  bool missing = false;
  std::string what;  ///< for people
};

/// Looks through `directory`/carrel.db, changes nothing, and puts nothing beside it. Nothing: no damage is
/// known; what else may be wrong is said by Store::open(). That there is none, or an empty one, is damage
/// only in a `directory` that was used. Blocks: all of it is read.
[[nodiscard]] std::optional<Damage> find_damage(const std::filesystem::path& directory);

}  // namespace carrel::store
