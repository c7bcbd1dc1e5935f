#include "base/service_manager.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "base/unique_fd.hpp"

namespace carrel {

namespace {

constexpr int kBeatsInTime = 3;

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

/// As sd_watchdog_enabled(3): a variable that speaks of another process is of no account.
std::optional<std::chrono::microseconds> beat_of_environment() {
  const auto patience = number(variable("WATCHDOG_USEC"));
  if (!patience || *patience < kBeatsInTime) return std::nullopt;
  const std::string_view process = variable("WATCHDOG_PID");
  if (!process.empty() && number(process) != std::optional<std::int64_t>(::getpid())) return std::nullopt;
  return std::chrono::microseconds(*patience / kBeatsInTime);
}

std::string monotonic_microseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::to_string(std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000);
}

}  // namespace

ServiceManager ServiceManager::of_environment() {
  ServiceManager manager;
  const std::string_view socket = variable("NOTIFY_SOCKET");
  // "@" stands for the abstract namespace; anything else that is no path is of a kind this does not know.
  const bool known = socket.starts_with('/') || (socket.starts_with('@') && socket.size() > 1);
  if (known && socket.size() < sizeof(sockaddr_un::sun_path)) manager.socket_ = socket;
  if (!manager.socket_.empty()) manager.beat_ = beat_of_environment();
  return manager;
}

void ServiceManager::ready(std::string_view status) const {
  tell("READY=1", status);
}
void ServiceManager::reloading(std::string_view status) const {
  tell("RELOADING=1\nMONOTONIC_USEC=" + monotonic_microseconds(), status);
}
void ServiceManager::stopping(std::string_view status) const {
  tell("STOPPING=1", status);
}
void ServiceManager::alive(std::string_view status) const {
  tell("WATCHDOG=1", status);
}

void ServiceManager::tell(std::string_view state, std::string_view status) const {
  if (socket_.empty()) return;
  std::string message(state);
  message += "\nSTATUS=";
  for (const char one : status) message += one == '\n' ? ' ' : one;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  const UniqueFd from(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!from) return;
  // A manager that is gone or swamped is no reason to stop a film.
  (void)::sendto(from.get(), message.data(), message.size(), MSG_NOSIGNAL,
                 reinterpret_cast<const sockaddr*>(&address), size);
}

}  // namespace carrel
