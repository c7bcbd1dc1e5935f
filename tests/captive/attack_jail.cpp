// The same from inside the streamer's own jail, where somebody who took it over would find himself. None
// returns.
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "streamer/jail/jail.hpp"
#include "tests/captive/attack.hpp"

namespace carrel::captive {
namespace {

constexpr std::string_view kPrefix = "jailed-";

void attempt(const Target& target, std::string_view name) {
  char byte = 0;
  if (name == "open") {
    static_cast<void>(::open("/proc/self/maps", O_RDONLY));
  } else if (name == "read-client") {
    static_cast<void>(!::read(target.client(), &byte, 1));
  } else if (name == "peek") {
    iovec into{&byte, 1};
    msghdr header{};
    header.msg_iov = &into;
    header.msg_iovlen = 1;
    static_cast<void>(!::recvmsg(target.client(), &header, MSG_PEEK | MSG_DONTWAIT));
  } else if (name == "free-client") {
    sockaddr none{};
    static_cast<void>(::connect(target.client(), &none, sizeof(none.sa_family)));
  } else if (name == "shut-down") {
    ::shutdown(target.client(), SHUT_RDWR);
  } else if (name == "swap-numbers") {
    // Refused, not killed: then the client's socket cannot take the number, and this is answered.
    static_cast<void>(::close(target.control));
    static_cast<void>(::fcntl(target.client(), F_DUPFD, target.control));
  }
}

}  // namespace

bool attack_jail(Target& target, std::string_view name) {
  if (!name.starts_with(kPrefix)) {
    return false;
  }
  if (streamer::enter_jail(streamer::JailFor::streaming, {{target.control}, -1})) {
    attempt(target, name.substr(kPrefix.size()));
  }
  answer(target, "survived");
  return true;
}

}  // namespace carrel::captive
