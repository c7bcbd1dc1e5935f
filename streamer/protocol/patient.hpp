#pragma once

#include "streamer/protocol/channel.hpp"

/// For programs that do one thing at a time: send() and receive() that wait for the socket, a minute at most.
namespace carrel::protocol {

/// ErrorKind::timeout: the peer took nothing for a minute. Otherwise as send().
[[nodiscard]] Result<void> send_patiently(int control, const Message& message);

/// ErrorKind::timeout: nothing came for a minute. Otherwise as receive().
[[nodiscard]] Result<Received> receive_patiently(int control);

}  // namespace carrel::protocol
