#include <linux/vm_sockets.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>

#include "base/unique_fd.hpp"
#include "streamer/verify/trial.hpp"

namespace carrel::streamer::verify {
namespace {

Seen make(int family, int type, int protocol = 0) {
  const UniqueFd made(::socket(family, type | SOCK_CLOEXEC, protocol));
  return judge(made.get());
}

constexpr std::array kTrials = {
    Trial{"socket: TCP", "EPERM", [](const Given&) { return make(AF_INET, SOCK_STREAM); }},
    Trial{"socket: TCP over IPv6", "EPERM", [](const Given&) { return make(AF_INET6, SOCK_STREAM); }},
    Trial{"socket: UDP", "EPERM", [](const Given&) { return make(AF_INET, SOCK_DGRAM); }},
    Trial{"socket: raw", "EPERM", [](const Given&) { return make(AF_INET, SOCK_RAW, 1); }},
    Trial{"socket: packet", "EPERM", [](const Given&) { return make(AF_PACKET, SOCK_RAW); }},
    Trial{"socket: netlink", "EPERM", [](const Given&) { return make(AF_NETLINK, SOCK_RAW); }},
    Trial{"socket: virtual machine's host", "EPERM",
          [](const Given&) { return make(AF_VSOCK, SOCK_STREAM); }},
    Trial{"socket: kernel crypto", "EPERM", [](const Given&) { return make(AF_ALG, SOCK_SEQPACKET); }},
    Trial{"socket: local stream", "EPERM", [](const Given&) { return make(AF_UNIX, SOCK_STREAM); }},
    Trial{"socket: local datagram", "EPERM", [](const Given&) { return make(AF_UNIX, SOCK_DGRAM); }},
    Trial{"socket pair", "EPERM",
          [](const Given&) {
            int ends[2] = {-1, -1};
            return judge(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
          }},
    Trial{"bind", "EPERM", [](const Given&) { return judge(::bind(0, nullptr, 0)); }},
    Trial{"listen", "EPERM", [](const Given&) { return judge(::listen(0, 1)); }},
    Trial{"accept", "EPERM",
          [](const Given&) { return judge(::accept4(0, nullptr, nullptr, SOCK_NONBLOCK)); }},
};

}  // namespace

std::span<const Trial> network_trials() {
  return kTrials;
}

}  // namespace carrel::streamer::verify
