#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/error.hpp"

/// File operations that hold after a power cut. Everything here blocks.
namespace carrel::store {

/// Gives `from` the name `to`, in place of what has that name, once its content is on the disk.
[[nodiscard]] Result<void> move_durably(const std::filesystem::path& from, const std::filesystem::path& to);

/// Seconds since 1970 as part of a file's name: "20260131T235959Z".
[[nodiscard]] std::string time_stamp(std::int64_t unix_seconds);

}  // namespace carrel::store
