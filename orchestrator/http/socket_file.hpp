#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.hpp"
#include "base/unique_fd.hpp"

namespace carrel::http {

/// The name of a listening Unix socket in the file system; removed with this value, unless another socket has
/// taken the name since. Movable.
class SocketFile {
 public:
  SocketFile(std::filesystem::path path, dev_t device, ino_t inode)
      : path_(std::move(path)), device_(device), inode_(inode) {}
  SocketFile(SocketFile&& other) noexcept
      : path_(std::exchange(other.path_, {})), device_(other.device_), inode_(other.inode_) {}
  SocketFile& operator=(SocketFile&&) = delete;
  ~SocketFile();

  /// What lies at `path` now. Fails if that is no socket.
  [[nodiscard]] static Result<SocketFile> at(const std::filesystem::path& path);

  /// Leaves the file to somebody else.
  void release() noexcept { path_.clear(); }

  /// Tells this file from every other, whatever its name: "own-admin-DEVICE-INODE".
  [[nodiscard]] std::string mark() const;
  [[nodiscard]] static bool is_mark(std::string_view text) noexcept { return text.starts_with("own-admin-"); }

 private:
  std::filesystem::path path_;
  dev_t device_;
  ino_t inode_;
};

struct BoundSocket {
  UniqueFd listener;
  SocketFile file;
};

/// Listens (SOCK_STREAM, non-blocking, close-on-exec) at `path` with mode 0600. Makes the directory with mode
/// 0700 when it is missing. A socket that nobody listens at is replaced; ErrorKind::conflict when somebody
/// does, or when the path is no socket. Paths may be longer than the 107 bytes of sun_path.
[[nodiscard]] Result<BoundSocket> bind_socket_file(const std::filesystem::path& path);

/// Whether bind_socket_file() could, as far as that can be seen without making anything.
[[nodiscard]] Result<void> check_socket_path(const std::filesystem::path& path);

}  // namespace carrel::http
