#include "streamer/serve/poller.hpp"

#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>

namespace carrel::streamer {

Result<Poller> Poller::make() {
  UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll) {
    return errno_error("make an epoll descriptor", errno);
  }
  return Poller(std::move(epoll));
}

Result<void> Poller::control(int operation, int fd, std::uint32_t events, std::uint64_t token) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = token;
  if (::epoll_ctl(epoll_.get(), operation, fd, &event) != 0) {
    return errno_error("watch a descriptor", errno);
  }
  return {};
}

Result<void> Poller::add(int fd, std::uint32_t events, std::uint64_t token) {
  return control(EPOLL_CTL_ADD, fd, events, token);
}

Result<void> Poller::change(int fd, std::uint32_t events, std::uint64_t token) {
  return control(EPOLL_CTL_MOD, fd, events, token);
}

void Poller::remove(int fd) {
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

Result<std::span<const epoll_event>> Poller::wait(bool look) {
  for (;;) {
    const int count =
        ::epoll_wait(epoll_.get(), events_.data(), static_cast<int>(events_.size()), look ? 0 : -1);
    if (count >= 0) {
      return std::span<const epoll_event>(events_).first(static_cast<std::size_t>(count));
    }
    if (errno != EINTR) {
      return errno_error("wait for events", errno);
    }
  }
}

Result<Ticker> Ticker::make() {
  UniqueFd timer(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
  if (!timer) {
    return errno_error("make a timer", errno);
  }
  return Ticker(std::move(timer));
}

void Ticker::start(std::chrono::milliseconds period) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(period);
  itimerspec times{};
  times.it_interval.tv_sec = seconds.count();
  times.it_interval.tv_nsec = std::chrono::nanoseconds(period - seconds).count();
  times.it_value = times.it_interval;
  ::timerfd_settime(timer_.get(), 0, &times, nullptr);
}

void Ticker::stop() {
  start(std::chrono::milliseconds(0));
}

void Ticker::acknowledge() {
  std::uint64_t fired = 0;
  // Nothing to do about a failure: the timer stays readable and is seen again.
  [[maybe_unused]] const ssize_t got = ::read(timer_.get(), &fired, sizeof(fired));
}

}  // namespace carrel::streamer
