#pragma once

#include <cstdint>

namespace carrel::library {

/// A file is the same file as long as its size and modification time are.
struct FileKey {
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;
  bool operator==(const FileKey&) const = default;
};

/// For files of Carrel's own, which nobody else should change: tells that somebody did, even where size and
/// time are as before.
struct FileIdentity {
  std::uint64_t inode = 0;
  FileKey key;
  std::int64_t changed_ns = 0;  ///< ctime
  bool operator==(const FileIdentity&) const = default;
};

}  // namespace carrel::library
