#include "orchestrator/http/socket_file.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <limits>
#include <string>
#include <system_error>

namespace carrel::http {

namespace fs = std::filesystem;

namespace {

constexpr int kBacklog = 64;

UniqueFd new_socket() {
  return UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

/// By the directory's descriptor: short, however long the path is.
Result<sockaddr_un> address_in(int directory, const fs::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string text = "/proc/self/fd/" + std::to_string(directory) + "/" + path.filename().string();
  if (!path.has_filename() || text.size() >= sizeof address.sun_path) {
    return make_error(ErrorKind::invalid, path.string() + " is no path for a socket: its last part has no " +
                                              "name, or one of more than 80 bytes");
  }
  std::memcpy(address.sun_path, text.data(), text.size());
  return address;
}

Result<void> check_is_socket(const fs::path& path, const struct stat& status) {
  if (S_ISSOCK(status.st_mode)) return {};
  return make_error(ErrorKind::conflict, path.string() + " is no socket");
}

const sockaddr* generic(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

/// Removes what a daemon that is gone left behind.
Result<void> make_room(const fs::path& path, const sockaddr_un& address) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return {};
    return errno_error("look at " + path.string(), errno);
  }
  const auto is_socket = check_is_socket(path, status);
  if (is_socket.has_error()) return is_socket;
  const UniqueFd probe = new_socket();
  // Non-blocking: a full backlog says EAGAIN, and that is somebody too.
  const bool connected = ::connect(probe.get(), generic(address), sizeof address) == 0;
  if (connected || errno != ECONNREFUSED) {
    return make_error(ErrorKind::conflict, "another program listens at " + path.string());
  }
  if (::unlink(path.c_str()) != 0) return errno_error("remove the old socket " + path.string(), errno);
  return {};
}

}  // namespace

SocketFile::~SocketFile() {
  struct stat status {};
  if (path_.empty() || ::lstat(path_.c_str(), &status) != 0) return;
  if (status.st_dev == device_ && status.st_ino == inode_) ::unlink(path_.c_str());
}

Result<SocketFile> SocketFile::at(const fs::path& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return errno_error("look at " + path.string(), errno);
  const auto is_socket = check_is_socket(path, status);
  if (is_socket.has_error()) return is_socket.error();
  return SocketFile(path, status.st_dev, status.st_ino);
}

std::string SocketFile::mark() const {
  return "own-admin-" + std::to_string(device_) + "-" + std::to_string(inode_);
}

Result<BoundSocket> bind_socket_file(const fs::path& path) {
  const fs::path directory = path.parent_path();
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
    return errno_error("make the directory " + directory.string(), errno);
  }
  const UniqueFd opened(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!opened) return errno_error("open the directory " + directory.string(), errno);
  const auto address = address_in(opened.get(), path);
  if (address.has_error()) return address.error();
  const auto room = make_room(path, *address);
  if (room.has_error()) return room.error();

  UniqueFd listener = new_socket();
  if (!listener) return errno_error("make a socket", errno);
  // Before bind(), which gives the file the socket's mode: it is never open to others.
  if (::fchmod(listener.get(), 0600) != 0 ||
      ::bind(listener.get(), generic(*address), sizeof *address) != 0) {
    return errno_error("bind " + path.string(), errno);
  }
  auto file = SocketFile::at(path);
  if (file.has_error()) return file.error();
  if (::listen(listener.get(), kBacklog) != 0) return errno_error("listen at " + path.string(), errno);
  return BoundSocket{std::move(listener), std::move(*file)};
}

Result<void> check_socket_path(const fs::path& path) {
  const auto address = address_in(std::numeric_limits<int>::max(), path);
  if (address.has_error()) return address.error();
  std::error_code error;
  const fs::path directory = path.parent_path();
  const bool is_there = fs::exists(directory, error);
  // One folder is made.
  const fs::path needed = is_there ? directory : directory.parent_path();
  const auto type = fs::status(needed, error).type();
  const bool seen = type != fs::file_type::none && type != fs::file_type::unknown;
  if (seen && type != fs::file_type::directory)
    return make_error(ErrorKind::not_found, needed.string() + " is no folder");
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 ? check_is_socket(path, status) : Result<void>();
}

}  // namespace carrel::http
