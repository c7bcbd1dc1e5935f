#pragma once

#include <cstdint>
#include <memory>

#include "base/error.hpp"

namespace carrel::streamer {

/// A film's index, memory-mapped read-only. Everything it answers has been held against the file's bounds, because the
/// worker that wrote it had parsed outside bytes. (The media workstream completes this class.)
class IndexView {
 public:
  /// Maps `fd` (not kept) and checks magic, version, structure and, once per (device, inode, size, mtime) in this
  /// process, the checksum. ErrorKind::invalid: damaged, foreign, or of another version: to be made again.
  [[nodiscard]] static Result<std::shared_ptr<const IndexView>> open(int fd);
};

}  // namespace carrel::streamer
