#include "streamer/protocol/patient.hpp"

#include <poll.h>

#include <cerrno>
#include <optional>
#include <utility>

namespace carrel::protocol {
namespace {

constexpr int kPatienceMs = 60'000;

Result<void> wait_for(int control, short events) {
  pollfd watched{control, events, 0};
  for (;;) {
    const int ready = ::poll(&watched, 1, kPatienceMs);
    if (ready > 0) {
      return {};
    }
    if (ready == 0) {
      return make_error(ErrorKind::timeout, "the daemon was silent on the control socket for a minute");
    }
    if (errno != EINTR) {
      return errno_error("wait for the control socket", errno);
    }
  }
}

}  // namespace

Result<void> send_patiently(int control, const Message& message) {
  for (;;) {
    Result<void> sent = send(control, message);
    if (sent || sent.error().kind != ErrorKind::busy) {
      return sent;
    }
    Result<void> writable = wait_for(control, POLLOUT);
    if (!writable) {
      return writable;
    }
  }
}

Result<Received> receive_patiently(int control) {
  for (;;) {
    Result<std::optional<Received>> received = receive(control);
    if (!received) {
      return received.error();
    }
    if (*received) {
      return std::move(**received);
    }
    Result<void> readable = wait_for(control, POLLIN);
    if (!readable) {
      return readable.error();
    }
  }
}

}  // namespace carrel::protocol
