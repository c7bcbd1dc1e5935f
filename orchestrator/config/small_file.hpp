#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "base/error.hpp"

namespace carrel::config {

/// The whole content of a file or pipe of at most `max_bytes`; ErrorKind::invalid beyond. Blocks.
[[nodiscard]] Result<std::string> read_small_file(const std::filesystem::path& file, std::size_t max_bytes);

}  // namespace carrel::config
