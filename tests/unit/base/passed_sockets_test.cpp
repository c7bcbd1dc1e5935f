#include "base/passed_sockets.hpp"

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

using namespace carrel;

namespace {

void announce(const std::string& process, const std::string& count) {
  ::setenv("LISTEN_PID", process.c_str(), 1);
  ::setenv("LISTEN_FDS", count.c_str(), 1);
  ::setenv("LISTEN_FDNAMES", "http:admin", 1);
}

}  // namespace

TEST_CASE("what was passed to another process, or makes no sense, is not ours") {
  const std::string ours = std::to_string(::getpid());
  announce(std::to_string(::getppid()), "1");
  CHECK(take_passed_sockets().empty());
  for (const char* count : {"0", "-1", "", "two", "1x"}) {
    announce(ours, count);
    CHECK(take_passed_sockets().empty());
  }
}

TEST_CASE("no child can take the sockets for its own") {
  announce(std::to_string(::getppid()), "1");
  CHECK(take_passed_sockets().empty());
  for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) CHECK(std::getenv(name) == nullptr);
}

TEST_CASE("only a listening stream socket of that family counts") {
  const UniqueFd tcp(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const UniqueFd udp(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  CHECK_FALSE(listens(tcp, AF_INET));
  REQUIRE(::listen(tcp.get(), 1) == 0);  // at a port of the kernel's choice
  CHECK(listens(tcp, AF_INET));
  CHECK_FALSE(listens(tcp, AF_UNIX));
  CHECK_FALSE(listens(udp, AF_INET));
  CHECK_FALSE(listens(UniqueFd(), AF_INET));
}
