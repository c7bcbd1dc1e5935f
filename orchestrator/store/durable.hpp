#pragma once

#include <filesystem>

#include "base/error.hpp"

/// File operations that hold after a power cut. Everything here blocks.
namespace carrel::store {

/// Gives `from` the name `to`, in place of what has that name, once its content is on the disk.
[[nodiscard]] Result<void> move_durably(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace carrel::store
