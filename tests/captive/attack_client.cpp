// The client's socket, used for what it was not handed over for.
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "tests/captive/attack.hpp"

namespace carrel::captive {
namespace {

constexpr int kPatienceMs = 5'000;
constexpr char kForged[] = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged";

std::string outcome(long result) {
  return result >= 0 ? "succeeded" : ::strerrorname_np(errno);
}

void write_forged(int client) {
  static_cast<void>(!::send(client, kForged, sizeof(kForged) - 1, MSG_NOSIGNAL));
}

/// What the client sends while it waits: its next request, in the kernel's buffer.
std::string next_request(int client) {
  pollfd watched{client, POLLIN, 0};
  if (::poll(&watched, 1, kPatienceMs) <= 0) {
    return "nothing came";
  }
  std::string bytes(4096, '\0');
  iovec into{bytes.data(), bytes.size()};
  msghdr header{};
  header.msg_iov = &into;
  header.msg_iovlen = 1;
  const ssize_t got = ::recvmsg(client, &header, MSG_PEEK | MSG_DONTWAIT);
  return got < 0 ? outcome(-1) : bytes.substr(0, static_cast<std::size_t>(got));
}

/// Frees the socket of its client and takes it to a port of the host's loopback.
std::string take_elsewhere(int client, in_port_t port) {
  sockaddr none{};
  none.sa_family = AF_UNSPEC;
  const std::string freed = outcome(::connect(client, &none, sizeof(none.sa_family)));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const auto* generic = static_cast<const sockaddr*>(static_cast<const void*>(&address));
  const std::string connected = outcome(::connect(client, generic, sizeof(address)));
  const std::string shorter = outcome(::connect(client, generic, sizeof(address) - 1));
  const std::string sent =
      outcome(::sendto(client, "x", 1, MSG_FASTOPEN | MSG_NOSIGNAL, generic, sizeof(address)));
  return "free it: " + freed + ", connect: " + connected + ", connect shorter: " + shorter +
         ", fast open: " + sent;
}

}  // namespace

bool attack_client(Target& target, std::string_view name) {
  static std::vector<std::vector<UniqueFd>> kept;
  const protocol::RequestId id = target.request.id;
  constexpr std::string_view kElsewhere = "elsewhere-";
  if (name == "peek") {
    answer(target, next_request(target.client()));
  } else if (name == "write-more") {
    const std::size_t bytes = send_answer(target.client(), "honest");
    write_forged(target.client());
    say_done(target, id, bytes);
  } else if (name == "write-more-and-say-so") {
    const std::size_t bytes = send_answer(target.client(), "honest");
    write_forged(target.client());
    say_done(target, id, bytes + sizeof(kForged) - 1);
  } else if (name == "write-later") {
    const std::size_t bytes = send_answer(target.client(), "honest");
    say_done(target, id, bytes);
    write_forged(target.client());
    kept.push_back(std::move(target.descriptors));
  } else if (name == "write-less") {
    const std::size_t bytes = send_answer(target.client(), "honest");
    say_done(target, id, bytes + 1000);
  } else if (name == "keep") {
    const std::size_t bytes = send_answer(target.client(), "kept");
    kept.push_back(std::move(target.descriptors));
    say_done(target, id, bytes);
  } else if (name == "shut-down") {
    ::shutdown(target.client(), SHUT_RDWR);
    say_done(target, id, 0);
  } else if (name.starts_with(kElsewhere)) {
    const auto port = static_cast<in_port_t>(std::atoi(std::string(name.substr(kElsewhere.size())).c_str()));
    const std::string came = take_elsewhere(target.client(), port);
    say_done(target, id, 1, came);
  } else {
    return false;
  }
  return true;
}

}  // namespace carrel::captive
