#include "streamer/protocol/channel.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "streamer/protocol/codec.hpp"

namespace carrel::protocol {
namespace {

// CMSG_LEN and not CMSG_SPACE for the length: its padding would let the kernel install one descriptor more.
constexpr std::size_t kControlLength = CMSG_LEN(sizeof(int) * kMaxDescriptors);

struct ControlBuffer {
  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(int) * kMaxDescriptors)> bytes{};
};

/// Takes ownership of every descriptor the kernel installed, before anything else can fail.
std::vector<UniqueFd> take_descriptors(msghdr& header) {
  std::vector<UniqueFd> taken;
  taken.reserve(kMaxDescriptors);
  for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) {
      continue;
    }
    const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(part) + i * sizeof(int), sizeof(int));
      taken.emplace_back(fd);
    }
  }
  return taken;
}

}  // namespace

Result<void> send(int socket, const Message& message, std::span<const int> descriptors) {
  if (descriptors.size() > kMaxDescriptors) {
    return make_error(ErrorKind::invalid, "more than kMaxDescriptors descriptors for one control message");
  }
  std::vector<std::byte> bytes = encode(message);
  iovec data{bytes.data(), bytes.size()};
  msghdr header{};
  header.msg_iov = &data;
  header.msg_iovlen = 1;
  ControlBuffer control;
  if (!descriptors.empty()) {
    header.msg_control = control.bytes.data();
    header.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
    cmsghdr* part = CMSG_FIRSTHDR(&header);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(descriptors.size_bytes());
    std::memcpy(CMSG_DATA(part), descriptors.data(), descriptors.size_bytes());
  }
  for (;;) {
    if (::sendmsg(socket, &header, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0) {
      return {};
    }
    if (errno == EINTR) {
      continue;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return make_error(ErrorKind::busy, "the control socket is full; wait until it is writable");
    }
    return errno_error("send a control message", errno);
  }
}

Result<std::optional<Received>> receive(int socket) {
  std::array<std::byte, kMaxMessageBytes> bytes;
  iovec data{bytes.data(), bytes.size()};
  ControlBuffer control;
  msghdr header{};
  header.msg_iov = &data;
  header.msg_iovlen = 1;
  header.msg_control = control.bytes.data();
  header.msg_controllen = kControlLength;

  ssize_t length = -1;
  do {
    length = ::recvmsg(socket, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  } while (length < 0 && errno == EINTR);
  if (length < 0) {
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return std::optional<Received>{};
    }
    return errno_error("receive a control message", errno);
  }
  std::vector<UniqueFd> descriptors = take_descriptors(header);
  if (length == 0) {
    return make_error(ErrorKind::unavailable, "the peer closed the control socket");
  }
  if ((header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) {
    return make_error(
        ErrorKind::invalid,
        "control message with more bytes or descriptors than the protocol allows; drop the peer");
  }
  Result<Message> message = decode(std::span(bytes).first(static_cast<std::size_t>(length)));
  if (!message) {
    return message.error();
  }
  return std::optional<Received>(Received{std::move(*message), std::move(descriptors)});
}

}  // namespace carrel::protocol
