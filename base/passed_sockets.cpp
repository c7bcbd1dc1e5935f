#include "base/passed_sockets.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <string_view>

namespace carrel {

namespace {

constexpr int kFirst = 3;  // SD_LISTEN_FDS_START
constexpr int kMost = 16;
constexpr char kCount[] = "LISTEN_FDS";
constexpr char kProcess[] = "LISTEN_PID";
constexpr char kNames[] = "LISTEN_FDNAMES";

std::optional<int> number(const char* name) {
  const char* text = std::getenv(name);
  if (text == nullptr) return std::nullopt;
  const std::string_view whole(text);
  int value = 0;
  const auto parsed = std::from_chars(whole.data(), whole.data() + whole.size(), value);
  if (parsed.ec != std::errc() || parsed.ptr != whole.data() + whole.size()) return std::nullopt;
  return value;
}

std::vector<std::string> names() {
  const char* text = std::getenv(kNames);
  std::vector<std::string> found;
  if (text == nullptr) return found;
  std::string_view rest(text);
  for (;;) {
    const auto colon = rest.find(':');
    found.emplace_back(rest.substr(0, colon));
    if (colon == std::string_view::npos) return found;
    rest.remove_prefix(colon + 1);
  }
}

int option_of(const UniqueFd& socket, int option) {
  int value = -1;
  socklen_t size = sizeof value;
  return ::getsockopt(socket.get(), SOL_SOCKET, option, &value, &size) == 0 ? value : -1;
}

}  // namespace

std::vector<PassedSocket> take_passed_sockets() {
  const auto count = number(kCount);
  const bool ours = number(kProcess) == std::optional<int>(::getpid());
  const std::vector<std::string> called = names();
  for (const char* name : {kCount, kProcess, kNames}) ::unsetenv(name);
  std::vector<PassedSocket> sockets;
  if (!ours || !count) return sockets;
  for (int index = 0; index < std::clamp(*count, 0, kMost); ++index) {
    const int fd = kFirst + index;
    if (::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) continue;
    const auto place = static_cast<std::size_t>(index);
    sockets.push_back({UniqueFd(fd), place < called.size() ? called[place] : std::string()});
  }
  return sockets;
}

bool listens(const UniqueFd& socket, int family) {
  return option_of(socket, SO_DOMAIN) == family && option_of(socket, SO_TYPE) == SOCK_STREAM &&
         option_of(socket, SO_ACCEPTCONN) == 1;
}

Result<void> pass_on(const std::vector<PassedSocket>& sockets) {
  const int count = static_cast<int>(sockets.size());
  std::vector<UniqueFd> copies;
  std::string called;
  for (const PassedSocket& one : sockets) {
    // Above the numbers that are given out below.
    copies.emplace_back(::fcntl(one.socket.get(), F_DUPFD_CLOEXEC, kFirst + count));
    if (!copies.back()) return errno_error("duplicate a listening socket", errno);
    called += (copies.size() > 1 ? ":" : "") + one.name;
  }
  // Libraries open some without the flag.
  if (::close_range(kFirst, ~0U, CLOSE_RANGE_CLOEXEC) != 0) {
    return errno_error("mark descriptors to be closed", errno);
  }
  for (int index = 0; index < count; ++index) {
    if (::dup2(copies[static_cast<std::size_t>(index)].get(), kFirst + index) < 0) {
      return errno_error("pass a listening socket on", errno);
    }
  }
  ::setenv(kCount, std::to_string(count).c_str(), 1);
  ::setenv(kProcess, std::to_string(::getpid()).c_str(), 1);
  ::setenv(kNames, called.c_str(), 1);
  return {};
}

}  // namespace carrel
