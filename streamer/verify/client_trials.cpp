// What could be done with the socket of a client, which belongs to the host's network.
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <array>

#include "streamer/verify/trial.hpp"

namespace carrel::streamer::verify {
namespace {

constexpr in_port_t kNobodysPort = 1;

sockaddr_in loopback() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(kNobodysPort);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

const sockaddr* generic(const sockaddr_in& address) {
  return static_cast<const sockaddr*>(static_cast<const void*>(&address));
}

Seen set_option(int socket, int level, int option) {
  const unsigned value = 1U << 20U;
  return judge(::setsockopt(socket, level, option, &value, sizeof(value)));
}

constexpr std::array kTrials = {
    Trial{"client: connect it to another place", "EPERM",
          [](const Given& given) {
            const sockaddr_in address = loopback();
            const long result = ::connect(given.client, generic(address), sizeof(address));
            // "Is connected" would mean that the kernel was asked.
            return judge(result);
          }},
    Trial{"client: connect by sending", "EPERM",
          [](const Given& given) {
            const sockaddr_in address = loopback();
            return judge(::sendto(given.client, "", 0, MSG_FASTOPEN, generic(address), sizeof(address)));
          }},
    Trial{"client: connect by a message", "EPERM",
          [](const Given& given) {
            sockaddr_in address = loopback();
            msghdr header{};
            header.msg_name = &address;
            header.msg_namelen = sizeof(address);
            return judge(::sendmsg(given.client, &header, MSG_FASTOPEN));
          }},
    Trial{"client: receive", "EPERM",
          [](const Given& given) {
            char byte = 0;
            return judge(::recv(given.client, &byte, 1, MSG_PEEK | MSG_DONTWAIT));
          }},
    Trial{"client: send its requests to somebody", "EINVAL",
          [](const Given& given) { return judge(::sendfile(given.client, given.client, nullptr, 1)); }},
    Trial{"client: its address", "EPERM",
          [](const Given& given) {
            sockaddr_in address{};
            socklen_t size = sizeof(address);
            return judge(
                ::getpeername(given.client, static_cast<sockaddr*>(static_cast<void*>(&address)), &size));
          }},
    Trial{"client: the host's address", "EPERM",
          [](const Given& given) {
            sockaddr_in address{};
            socklen_t size = sizeof(address);
            return judge(
                ::getsockname(given.client, static_cast<sockaddr*>(static_cast<void*>(&address)), &size));
          }},
    Trial{"client: lift its pacing", "EPERM",
          [](const Given& given) { return set_option(given.client, SOL_SOCKET, SO_MAX_PACING_RATE); }},
    Trial{"client: take more buffer", "EPERM",
          [](const Given& given) { return set_option(given.client, SOL_SOCKET, SO_SNDBUF); }},
    Trial{"client: read its options", "EPERM",
          [](const Given& given) {
            int value = 0;
            socklen_t size = sizeof(value);
            return judge(::getsockopt(given.client, SOL_SOCKET, SO_SNDBUF, &value, &size));
          }},
    Trial{"client: make the daemon's calls block", "EPERM",
          [](const Given& given) { return judge(::fcntl(given.client, F_SETFL, 0)); }},
    Trial{"client: the same by ioctl", "EPERM",
          [](const Given& given) {
            int off = 0;
            return judge(::ioctl(given.client, FIONBIO, &off));
          }},
    Trial{"client: send signals about it", "EPERM",
          [](const Given& given) { return judge(::fcntl(given.client, F_SETOWN, 1)); }},
};

}  // namespace

std::span<const Trial> client_trials() {
  return kTrials;
}

}  // namespace carrel::streamer::verify
