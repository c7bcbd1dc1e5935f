#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

#include "streamer/protocol/channel.hpp"

namespace carrel::protocol {
namespace {

constexpr int kWaitingConnections = 8;  // one streamer connects; the rest is room for its retries

Result<sockaddr_un> address_of(std::string_view path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path)) {
    return make_error(ErrorKind::invalid, "control socket path '" + std::string(path) +
                                              "' is empty or longer than 107 bytes; use a shorter one");
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

const sockaddr* generic(const sockaddr_un& address) {
  return static_cast<const sockaddr*>(static_cast<const void*>(&address));
}

/// Removes what an earlier process left at `name`, if that is a socket.
Result<void> remove_stale(int directory, const char* name) {
  struct stat found{};
  if (::fstatat(directory, name, &found, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) {
      return {};
    }
    return errno_error(std::string("look at control socket ") + name, errno);
  }
  if (!S_ISSOCK(found.st_mode)) {
    return make_error(ErrorKind::conflict,
                      std::string("control socket ") + name + ": a file of another kind is there; remove it");
  }
  if (::unlinkat(directory, name, 0) != 0 && errno != ENOENT) {
    return errno_error(std::string("remove old control socket ") + name, errno);
  }
  return {};
}

}  // namespace

Result<UniqueFd> make_socket() {
  UniqueFd made(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!made) {
    return errno_error("make a control socket", errno);
  }
  return made;
}

Result<UniqueFd> listen_in(int directory, const char* name) {
  const std::string_view plain = name;
  if (plain.empty() || plain == "." || plain == ".." || plain.find('/') != std::string_view::npos) {
    return make_error(ErrorKind::invalid,
                      "control socket name '" + std::string(plain) + "' is not a plain file name");
  }
  Result<sockaddr_un> address =
      address_of("/proc/self/fd/" + std::to_string(directory) + "/" + std::string(plain));
  if (!address) {
    return address.error();
  }
  Result<void> removed = remove_stale(directory, name);
  if (!removed) {
    return removed.error();
  }
  Result<UniqueFd> listener = make_socket();
  if (!listener) {
    return listener;
  }
  if (::bind(listener->get(), generic(*address), sizeof(sockaddr_un)) != 0) {
    return errno_error("bind control socket " + std::string(plain), errno);
  }
  // The streamer runs as another user; who may reach the socket is decided by its directory.
  if (::fchmodat(directory, name, 0666, 0) != 0) {
    return errno_error("set the mode of control socket " + std::string(plain), errno);
  }
  if (::listen(listener->get(), kWaitingConnections) != 0) {
    return errno_error("listen on control socket " + std::string(plain), errno);
  }
  return listener;
}

Result<std::optional<UniqueFd>> accept_from(int listener) {
  for (;;) {
    const int fd = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= 0) {
      return std::optional<UniqueFd>(UniqueFd(fd));
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return std::optional<UniqueFd>{};
    }
    if (errno != EINTR && errno != ECONNABORTED) {
      return errno_error("accept on a control socket", errno);
    }
  }
}

Result<void> connect_with(int socket, const char* path) {
  Result<sockaddr_un> address = address_of(path);
  if (!address) {
    return address.error();
  }
  // No longer than it has to be: the container's seccomp profile refuses addresses that are long enough to
  // name a host (orchestrator/sandbox/seccomp_profile.json).
  const std::size_t length = offsetof(sockaddr_un, sun_path) + std::string_view(path).size() + 1;
  if (::connect(socket, generic(*address), static_cast<socklen_t>(length)) != 0) {
    return errno_error(std::string("connect to control socket ") + path, errno);
  }
  return {};
}

Result<UniqueFd> connect_to(const char* path) {
  Result<UniqueFd> socket = make_socket();
  if (!socket) {
    return socket;
  }
  Result<void> connected = connect_with(socket->get(), path);
  if (!connected) {
    return connected.error();
  }
  return socket;
}

}  // namespace carrel::protocol
