#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"

/// The little of tar (POSIX ustar) that a backup needs, so that any tar can list and unpack it: regular files
/// with short names. No I/O.
namespace carrel::backup::tar {

inline constexpr std::size_t kBlock = 512;

struct Entry {
  std::string name;  ///< at most 99 bytes
  std::uint64_t size = 0;
};

[[nodiscard]] std::string head(const Entry& entry, std::int64_t modified_at);
/// What follows a content of that size, up to the next block.
[[nodiscard]] std::size_t padding(std::uint64_t size);
/// What ends an archive.
[[nodiscard]] std::string end();

[[nodiscard]] bool is_end(std::string_view block);
/// ErrorKind::invalid: no head, or of anything but a regular file.
[[nodiscard]] Result<Entry> parse_head(std::string_view block);

}  // namespace carrel::backup::tar
