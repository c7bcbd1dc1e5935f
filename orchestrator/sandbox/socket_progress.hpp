#pragma once

#include <cstdint>
#include <optional>

namespace carrel::sandbox {

/// What the kernel knows of an answer on a TCP socket, whoever writes it. This is how the daemon sees a
/// transfer that it takes no part in.
struct SocketProgress {
  std::uint64_t written = 0;       ///< bytes put into the socket since it was opened (acknowledged + queued)
  std::uint64_t acknowledged = 0;  ///< bytes that the client has acknowledged (TCP_INFO, tcpi_bytes_acked)
};

/// Empty when the socket is not TCP or is gone.
[[nodiscard]] std::optional<SocketProgress> socket_progress(int socket);

/// The connection was reset: nobody will read what is written. A client that only stopped sending is not
/// lost.
[[nodiscard]] bool connection_lost(int socket);

}  // namespace carrel::sandbox
