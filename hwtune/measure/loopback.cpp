#include "hwtune/measure/loopback.hpp"

#include <arpa/inet.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <thread>

#include "base/unique_fd.hpp"

namespace carrel::hwtune {
namespace {

constexpr std::size_t kFilm = 16U << 20;
constexpr double kMega = 1e6;
// It never comes near a disk: more of it than of what is read there.
constexpr std::uint64_t kMoreInMemory = 64;
constexpr unsigned kPacedRate = 1'000'000;  // bytes a second: 8 Mbit/s

struct Pair {
  UniqueFd sender;
  UniqueFd receiver;
};

Result<Pair> connected_pair() {
  const UniqueFd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  // The API of sockets wants it so.
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (!listener || ::bind(listener.get(), generic, length) != 0 || ::listen(listener.get(), 1) != 0 ||
      ::getsockname(listener.get(), generic, &length) != 0) {
    return errno_error("listen on the loopback address", errno);
  }
  Pair pair;
  pair.receiver.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!pair.receiver || ::connect(pair.receiver.get(), generic, length) != 0) {
    return errno_error("connect to the loopback address", errno);
  }
  pair.sender.reset(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!pair.sender) return errno_error("accept a connection", errno);
  return pair;
}

/// In the page cache, as a film is that somebody else watches, or that was read ahead.
Result<UniqueFd> film_in_memory() {
  UniqueFd film(::memfd_create("carrel-hwtune", MFD_CLOEXEC));
  if (!film) return errno_error("make a file in memory", errno);
  const std::array<char, 65536> block{};
  for (std::size_t written = 0; written < kFilm; written += block.size()) {
    if (::write(film.get(), block.data(), block.size()) < 0)
      return errno_error("fill a file in memory", errno);
  }
  return film;
}

/// Throws away what comes, on a thread of its own, until the sender ends.
class Sink {
 public:
  explicit Sink(int fd) : thread_(run, fd) {}
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  ~Sink() { thread_.join(); }

 private:
  static void run(int fd) {
    for (;;) {
      const ssize_t count = ::recv(fd, nullptr, kFilm, MSG_TRUNC);
      if (count == 0 || (count < 0 && errno != EINTR)) return;
    }
  }

  std::thread thread_;
};

double cpu_of_this_thread() {
  rusage usage{};
  ::getrusage(RUSAGE_THREAD, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / kMega;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::uint64_t kernel_bytes_of(int socket) {
  std::array<std::uint32_t, SK_MEMINFO_VARS> memory{};
  socklen_t length = sizeof memory;
  if (::getsockopt(socket, SOL_SOCKET, SO_MEMINFO, memory.data(), &length) != 0) return 0;
  return std::uint64_t{memory[SK_MEMINFO_WMEM_QUEUED]} + memory[SK_MEMINFO_FWD_ALLOC];
}

/// By the kernel of who receives, however late the program there takes them.
Result<std::uint64_t> acknowledged_bytes(int socket) {
  tcp_info info{};
  socklen_t length = sizeof info;
  if (::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &length) != 0)
    return errno_error("read TCP_INFO", errno);
  return info.tcpi_bytes_acked;
}

struct Sent {
  std::uint64_t bytes = 0;
  double seconds = 0;
  std::uint64_t kernel_bytes = 0;
};

/// Sends the film again and again.
Result<Sent> send(const Pair& pair, const UniqueFd& film, const Bounds& bounds) {
  Sent sent;
  const Watch watch;
  off_t offset = 0;
  while (watch.seconds() < bounds.seconds && sent.bytes < bounds.bytes * kMoreInMemory && !bounds.stopped()) {
    if (offset == static_cast<off_t>(kFilm)) offset = 0;
    const std::size_t left = kFilm - static_cast<std::size_t>(offset);
    const ssize_t count = ::sendfile(pair.sender.get(), film.get(), &offset, left);
    if (count > 0) {
      sent.bytes += static_cast<std::uint64_t>(count);
      sent.kernel_bytes = std::max(sent.kernel_bytes, kernel_bytes_of(pair.sender.get()));
      continue;
    }
    if (count < 0 && errno != EAGAIN && errno != EINTR) return errno_error("sendfile", errno);
    constexpr int kPatience = 100;  // milliseconds
    pollfd writable{pair.sender.get(), POLLOUT, 0};
    ::poll(&writable, 1, kPatience);
  }
  sent.seconds = watch.seconds();
  return sent;
}

}  // namespace

Result<Sendfile> measure_sendfile(const Bounds& bounds) {
  const auto pair = connected_pair();
  if (pair.has_error()) return pair.error();
  const auto film = film_in_memory();
  if (film.has_error()) return film.error();
  const Sink sink(pair->receiver.get());
  const double before = cpu_of_this_thread();
  const auto sent = send(*pair, *film, bounds);
  const double cpu = cpu_of_this_thread() - before;
  ::shutdown(pair->sender.get(), SHUT_RDWR);
  if (sent.has_error()) return sent.error();
  const double megabytes = static_cast<double>(sent->bytes) / kMega;
  if (megabytes <= 0) return make_error(ErrorKind::unavailable, "stopped");
  return Sendfile{megabytes / sent->seconds, cpu * 1000 / megabytes};
}

Result<Pacing> measure_pacing(const Bounds& bounds) {
  const auto pair = connected_pair();
  if (pair.has_error()) return pair.error();
  const unsigned rate = kPacedRate;
  if (::setsockopt(pair->sender.get(), SOL_SOCKET, SO_MAX_PACING_RATE, &rate, sizeof rate) != 0) {
    return errno_error("set SO_MAX_PACING_RATE", errno);
  }
  const auto film = film_in_memory();
  if (film.has_error()) return film.error();
  const Sink sink(pair->receiver.get());
  // The first bytes go at once; what comes after them is what a film has.
  Bounds begin = bounds;
  begin.seconds = bounds.seconds / 4;
  Bounds rest = bounds;
  rest.seconds = bounds.seconds - begin.seconds;
  const auto first = send(*pair, *film, begin);
  const auto before = acknowledged_bytes(pair->sender.get());
  const Watch watch;
  const auto second = first.has_value() ? send(*pair, *film, rest) : first;
  const auto after = acknowledged_bytes(pair->sender.get());
  const double seconds = watch.seconds();
  ::shutdown(pair->sender.get(), SHUT_RDWR);
  if (second.has_error()) return second.error();
  if (before.has_error()) return before.error();
  if (after.has_error()) return after.error();
  return Pacing{kPacedRate / kMega, static_cast<double>(*after - *before) / kMega / std::max(seconds, 1e-9),
                std::max(first->kernel_bytes, second->kernel_bytes)};
}

}  // namespace carrel::hwtune
