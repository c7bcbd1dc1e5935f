#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/error.hpp"

/// Copies of the database in files. Everything here blocks.
namespace carrel::store {

struct BackupFile {
  std::filesystem::path path;
  std::uint64_t bytes = 0;
  std::int64_t created_at = 0;  ///< seconds since 1970
};

enum class Stay {
  kept,     ///< a backup, until newer ones take its place
  passing,  ///< whoever asked deletes it soon; no other goes for it, and it goes for no other
};

/// Copies the database `file` into `directory` (made with mode 0700 when missing) under a name made of `now`,
/// mode 0600, checked, and on the disk when this returns; while others read and write.
/// ErrorKind::unavailable: no room. ErrorKind::timeout: not done within `patience`. What failed leaves no
/// file. A passing one is no backup by its name. Ends as a timeout, too, when `go_on` says no.
[[nodiscard]] Result<BackupFile> make_backup(const std::filesystem::path& file,
                                             const std::filesystem::path& directory, std::int64_t now,
                                             std::chrono::seconds patience, Stay stay = Stay::kept,
                                             const std::function<bool()>& go_on = {});

/// "carrel-20260131T235959Z-0a1b2c3d.passing"
[[nodiscard]] bool is_passing_name(const std::string& name);

/// Deletes what was interrupted a day ago or more, of whole backups too, and passing copies that nobody
/// deleted; as far as it may.
void sweep_left_overs(const std::filesystem::path& directory, std::int64_t now);

/// Those that make_backup() made and nobody renamed, by what their names say: the newest first; those
/// more than kNameAhead in the time to come last, for a clock that was ahead named them. A directory that is
/// not there has none.
[[nodiscard]] Result<std::vector<BackupFile>> list_backups(const std::filesystem::path& directory,
                                                           std::int64_t now);

/// Deletes all but the newest `keep`, in that order; never the one just `made`, although a clock that was set
/// back since makes others look newer.
[[nodiscard]] Result<void> drop_old_backups(const std::filesystem::path& directory, std::size_t keep,
                                            const BackupFile& made);

}  // namespace carrel::store
