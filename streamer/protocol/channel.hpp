#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "streamer/protocol/message.hpp"

/// The control socket: SOCK_SEQPACKET over AF_UNIX. Non-blocking; the caller waits for readiness in its own
/// way (Asio in the daemon, epoll in the streamer).
namespace carrel::protocol {

struct Received {
  Message message;
  std::vector<UniqueFd> descriptors;  ///< owned, close-on-exec
};

/// Sends one message with its descriptors (at most kMaxDescriptors; they stay the caller's).
/// ErrorKind::busy: the socket's buffer is full, wait until it is writable. ErrorKind::unavailable: the peer
/// is gone.
[[nodiscard]] Result<void> send(int socket, const Message& message, std::span<const int> descriptors = {});

/// Receives one message. Empty optional: nothing there yet. ErrorKind::unavailable: the peer closed.
/// ErrorKind::invalid: the peer broke the protocol (descriptors that came along are closed); drop it.
[[nodiscard]] Result<std::optional<Received>> receive(int socket);

/// Listens at `name` inside `directory` (a descriptor, so that no path is too long for sockaddr_un), mode
/// 0666. A socket that an earlier process left at that name is replaced; anything else there is
/// ErrorKind::conflict.
[[nodiscard]] Result<UniqueFd> listen_in(int directory, const char* name);

/// Accepts without blocking; an empty optional when nobody waits.
[[nodiscard]] Result<std::optional<UniqueFd>> accept_from(int listener);

/// An unconnected control socket, non-blocking: for a process that may not make one later.
[[nodiscard]] Result<UniqueFd> make_socket();

/// Connects `socket` of make_socket() to `path` (at most 107 bytes) without blocking. After a failure (busy:
/// the listener's queue is full; not_found, unavailable: nobody listens) the same socket may be used again.
[[nodiscard]] Result<void> connect_with(int socket, const char* path);

/// Connects to the socket at `path` (at most 107 bytes); does not block, ErrorKind::busy when the
/// listener's queue is full.
[[nodiscard]] Result<UniqueFd> connect_to(const char* path);

}  // namespace carrel::protocol
