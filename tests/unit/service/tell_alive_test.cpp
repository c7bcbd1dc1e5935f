#include <doctest/doctest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string>

#include "base/service_manager.hpp"
#include "base/unique_fd.hpp"
#include "orchestrator/chores.hpp"
#include "orchestrator/observe/spawn.hpp"

using namespace carrel;

namespace {

UniqueFd listening() {
  const std::string name = "@carrel-alive-" + std::to_string(::getpid());
  UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path + 1, name.data() + 1, name.size() - 1);
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  REQUIRE(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0);
  ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
  return socket;
}

bool hears(const UniqueFd& socket, int milliseconds) {
  pollfd one{socket.get(), POLLIN, 0};
  return ::poll(&one, 1, milliseconds) == 1;
}

std::string heard(const UniqueFd& socket) {
  std::array<char, 256> text{};
  const ssize_t size = ::recv(socket.get(), text.data(), text.size(), 0);
  return {text.data(), static_cast<std::size_t>(size)};
}

}  // namespace

TEST_CASE("the watchdog is fed by a loop that turns, and starves while a handler hangs") {
  const UniqueFd socket = listening();
  ::setenv("WATCHDOG_USEC", "30000", 1);  // a beat each 10 ms
  const auto manager = ServiceManager::of_environment();
  ::unsetenv("WATCHDOG_USEC");
  ::unsetenv("NOTIFY_SOCKET");
  boost::asio::io_context loop(1);
  int asked = 0;
  spawn(loop.get_executor(), tell_alive(manager, [&asked] { return std::to_string(++asked); }),
        "the watchdog");
  while (!hears(socket, 0)) loop.run_one();
  CHECK(heard(socket) == "WATCHDOG=1\nSTATUS=1");
  bool starved = false;
  boost::asio::post(loop, [&] { starved = !hears(socket, 200); });
  while (!starved && loop.run_one() != 0 && !hears(socket, 0)) {
  }
  CHECK(starved);
  while (!hears(socket, 0)) loop.run_one();
  CHECK(heard(socket).starts_with("WATCHDOG=1"));
  CHECK(hears(socket, 0) == false);
}
