#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "streamer/protocol/message.hpp"

/// The control socket: SOCK_SEQPACKET over AF_UNIX. Non-blocking; the caller waits for readiness in its own way
/// (Asio in the daemon, epoll in the streamer).
namespace carrel::protocol {

struct Received {
  Message message;
  std::vector<UniqueFd> descriptors;  ///< owned, close-on-exec
};

/// Sends one message with its descriptors (at most kMaxDescriptors; they stay the caller's).
/// ErrorKind::busy: the socket's buffer is full, wait until it is writable. ErrorKind::unavailable: the peer is gone.
[[nodiscard]] Result<void> send(int socket, const Message& message, std::span<const int> descriptors = {});

/// Receives one message. Empty optional: nothing there yet. ErrorKind::unavailable: the peer closed.
/// ErrorKind::invalid: the peer broke the protocol (descriptors that came along are closed); drop it.
[[nodiscard]] Result<std::optional<Received>> receive(int socket);

/// Listens at `name` inside `directory` (a descriptor, so that no path is too long for sockaddr_un), mode 0666.
[[nodiscard]] Result<UniqueFd> listen_in(int directory, const char* name);

/// Accepts without blocking; an empty optional when nobody waits.
[[nodiscard]] Result<std::optional<UniqueFd>> accept_from(int listener);

/// Connects to the socket at `path` (at most 107 bytes); blocking only as long as a Unix connect does.
[[nodiscard]] Result<UniqueFd> connect_to(const char* path);

}  // namespace carrel::protocol
