#pragma once

#include <cstdint>

namespace carrel::library {

/// A file is the same file as long as its size and modification time are.
struct FileKey {
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;
  bool operator==(const FileKey&) const = default;
};

}  // namespace carrel::library
