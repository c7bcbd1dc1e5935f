#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.hpp"

/// A backup's bytes on their way into a file and out of one. Every call blocks. One thread.
namespace carrel::backup {

class Writer {
 public:
  virtual ~Writer() = default;
  [[nodiscard]] virtual Result<void> write(std::string_view bytes) = 0;
  /// Once, and last: all of it is on the disk.
  [[nodiscard]] virtual Result<void> finish() = 0;
};

/// Into a new file of mode 0600; sealed when there is a passphrase. ErrorKind::conflict: the file is there.
[[nodiscard]] Result<std::unique_ptr<Writer>> write_file(const std::filesystem::path& path,
                                                         const std::string& passphrase);

class Reader {
 public:
  virtual ~Reader() = default;
  /// At most so many bytes, at least one; empty at the end.
  [[nodiscard]] virtual Result<std::string> read(std::size_t most) = 0;
};

/// Of memory; it outlives the reader.
[[nodiscard]] std::unique_ptr<Reader> read_memory(std::string_view bytes);

/// Whether a passphrase is needed. ErrorKind::not_found.
[[nodiscard]] Result<bool> is_sealed(const std::filesystem::path& path);

/// ErrorKind::forbidden, now or when it is read: the passphrase is another, or the file was changed.
[[nodiscard]] Result<std::unique_ptr<Reader>> read_file(const std::filesystem::path& path,
                                                        const std::string& passphrase);

}  // namespace carrel::backup
