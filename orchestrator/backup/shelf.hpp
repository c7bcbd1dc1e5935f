#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"

/// The backups in a folder, by their names alone.
namespace carrel::backup {

struct Shelved {
  std::filesystem::path path;
  std::uint64_t bytes = 0;
  std::int64_t made_at = 0;

  bool operator==(const Shelved&) const = default;
};

/// "carrel-20260131T235959Z-0a1b2c3d.backup"
[[nodiscard]] std::string new_name(std::int64_t now);
/// When it was made; nothing for another name.
[[nodiscard]] std::optional<std::int64_t> made_at(const std::string& name);

/// The newest first; those a day in the time to come last, for a clock that was ahead named them. A folder
/// that is not there has none.
[[nodiscard]] Result<std::vector<Shelved>> on_shelf(const std::filesystem::path& folder, std::int64_t now);

/// Those to be dropped: beyond the newest `keep`, and older than `age` beyond the newest three; but never the
/// newest.
[[nodiscard]] std::vector<Shelved> outdated(const std::vector<Shelved>& newest_first, std::size_t keep,
                                            std::chrono::seconds age, std::int64_t now);

}  // namespace carrel::backup
