#include "orchestrator/sandbox/socket_progress.hpp"

#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace carrel::sandbox {
namespace {

std::optional<tcp_info> info_of(int socket) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return std::nullopt;
  return info;
}

std::optional<std::uint64_t> acknowledged_bytes(int socket) {
  const auto info = info_of(socket);
  return info ? std::optional<std::uint64_t>(info->tcpi_bytes_acked) : std::nullopt;
}

}  // namespace

std::optional<SocketProgress> socket_progress(int socket) {
  // An acknowledgement between the two readings would be counted in neither; then they are taken again.
  for (int attempt = 0; attempt < 100; ++attempt) {
    const auto before = acknowledged_bytes(socket);
    int queued = 0;
    if (!before || ::ioctl(socket, SIOCOUTQ, &queued) != 0) return std::nullopt;
    const auto after = acknowledged_bytes(socket);
    if (before == after) return SocketProgress{*before + static_cast<std::uint64_t>(queued), *before};
  }
  return std::nullopt;
}

bool connection_lost(int socket) {
  constexpr std::uint8_t kClosed = 7;  // TCP_CLOSE of the kernel's tcp_states.h
  const auto info = info_of(socket);
  return info && info->tcpi_state == kClosed;
}

}  // namespace carrel::sandbox
