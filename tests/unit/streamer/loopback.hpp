#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdlib>
#include <utility>

#include "base/unique_fd.hpp"

namespace carrel::test {

/// A TCP connection over loopback: {server's end, client's end}, the server's non-blocking. `buffer` bounds
/// the buffers of both, so that few bytes are on the way.
inline std::pair<UniqueFd, UniqueFd> tcp_pair(int buffer) {
  const UniqueFd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  UniqueFd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  auto* generic = static_cast<sockaddr*>(static_cast<void*>(&address));
  const auto check = [](int result) {
    if (result < 0) {
      std::abort();
    }
  };
  check(::setsockopt(listener.get(), SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer)));
  check(::setsockopt(client.get(), SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer)));
  check(::bind(listener.get(), generic, sizeof(address)));
  check(::listen(listener.get(), 1));
  check(::getsockname(listener.get(), generic, &length));
  check(::connect(client.get(), generic, sizeof(address)));
  UniqueFd server(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  check(server.get());
  return {std::move(server), std::move(client)};
}

}  // namespace carrel::test
