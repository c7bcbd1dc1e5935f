#include "base/service_manager.hpp"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string>

#include "base/unique_fd.hpp"

using namespace carrel;

namespace {

/// The manager's end, at an abstract address of its own.
class Listener {
 public:
  Listener() : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name_ = "@carrel-test-" + std::to_string(::getpid());
    std::memcpy(address.sun_path + 1, name_.data() + 1, name_.size() - 1);
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name_.size());
    REQUIRE(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0);
    ::setenv("NOTIFY_SOCKET", name_.c_str(), 1);
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() {
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) ::unsetenv(name);
  }

  /// Empty: nothing was said.
  std::string heard() {
    std::array<char, 512> text{};
    const ssize_t size = ::recv(socket_.get(), text.data(), text.size(), 0);
    return size > 0 ? std::string(text.data(), static_cast<std::size_t>(size)) : std::string();
  }

 private:
  UniqueFd socket_;
  std::string name_;
};

}  // namespace

TEST_CASE("a manager hears what becomes of the process") {
  Listener listener;
  const auto manager = ServiceManager::of_environment();
  manager.ready("serving");
  CHECK(listener.heard() == "READY=1\nSTATUS=serving");
  manager.alive("3 sandboxes");
  CHECK(listener.heard() == "WATCHDOG=1\nSTATUS=3 sandboxes");
  manager.stopping("ending");
  CHECK(listener.heard() == "STOPPING=1\nSTATUS=ending");
  manager.reloading("looking at the successor");
  const std::string reload = listener.heard();
  CHECK(reload.starts_with("RELOADING=1\nMONOTONIC_USEC="));
  CHECK(reload.ends_with("\nSTATUS=looking at the successor"));
  CHECK(listener.heard().empty());
}

TEST_CASE("a status cannot say anything else") {
  Listener listener;
  ServiceManager::of_environment().ready("well\nSTOPPING=1");
  CHECK(listener.heard() == "READY=1\nSTATUS=well STOPPING=1");
}

TEST_CASE("the beat is a third of the manager's patience, and of this process alone") {
  Listener listener;
  CHECK_FALSE(ServiceManager::of_environment().beat().has_value());
  ::setenv("WATCHDOG_USEC", "30000000", 1);
  CHECK(ServiceManager::of_environment().beat() == std::chrono::seconds(10));
  ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
  CHECK(ServiceManager::of_environment().beat() == std::chrono::seconds(10));
  ::setenv("WATCHDOG_PID", std::to_string(::getppid()).c_str(), 1);
  CHECK_FALSE(ServiceManager::of_environment().beat().has_value());
  ::unsetenv("WATCHDOG_PID");
  for (const char* wrong : {"", "0", "-5", "soon", "10s"}) {
    ::setenv("WATCHDOG_USEC", wrong, 1);
    CHECK_FALSE(ServiceManager::of_environment().beat().has_value());
  }
}

TEST_CASE("without a manager, or with one that is gone, nothing happens") {
  ::unsetenv("NOTIFY_SOCKET");
  ::setenv("WATCHDOG_USEC", "30000000", 1);
  CHECK_FALSE(ServiceManager::of_environment().beat().has_value());
  for (const char* address : {"/nowhere/notify.sock", "vsock:2:1234", "@"}) {
    ::setenv("NOTIFY_SOCKET", address, 1);
    ServiceManager::of_environment().ready("nobody hears it");
  }
  ::setenv("NOTIFY_SOCKET", ("/" + std::string(200, 'x')).c_str(), 1);
  ServiceManager::of_environment().ready("nobody hears it");
  ::unsetenv("NOTIFY_SOCKET");
  ::unsetenv("WATCHDOG_USEC");
}
