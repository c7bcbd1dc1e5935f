#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <span>

#include "streamer/index/format.hpp"

namespace carrel::streamer {

/// Whether verify() said yes to this very file (device, inode, size, mtime) in this process. Any thread.
[[nodiscard]] bool verified_before(const struct stat& file);

/// Computes the checksum of the whole index and remembers a success (of the last few files only).
[[nodiscard]] bool verify(const struct stat& file, std::span<const std::byte> index, const Header& header);

}  // namespace carrel::streamer
