#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"

/// Files that the daemon hands over to be written, by position only.
namespace carrel::converter {

[[nodiscard]] Result<void> write_at(int fd, std::uint64_t offset, std::string_view bytes);
/// All of it, at most `most` bytes. ErrorKind::invalid: it is longer.
[[nodiscard]] Result<std::string> read_whole(int fd, std::uint64_t most);
[[nodiscard]] Result<std::uint64_t> size_of(int fd);
[[nodiscard]] Result<void> cut_to(int fd, std::uint64_t bytes);
/// Its bytes are on the disk.
[[nodiscard]] Result<void> settle(int fd);

}  // namespace carrel::converter
