#pragma once

#include <cstdint>
#include <filesystem>

#include "base/error.hpp"

namespace carrel::store {

/// Puts the copy `backup` in the place of `directory`/carrel.db; the caller holds the lock of `directory`, so
/// that no daemon runs. The copy is checked first: ErrorKind::invalid when it is damaged or no database of
/// Carrel's, ErrorKind::conflict when it is of a newer version. Sessions and tokens of administrators are not
/// restored: some have ended since. Returns where the old database is now, with "before-restore" in its name;
/// empty when there was none. At every moment there is a whole database under the name. Blocks.
[[nodiscard]] Result<std::filesystem::path> restore_database(const std::filesystem::path& backup,
                                                             const std::filesystem::path& directory,
                                                             std::int64_t now);

}  // namespace carrel::store
