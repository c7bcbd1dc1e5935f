#include "virtual_world.hpp"

#include <poll.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <random>

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kBeginning = 1'700'000'000 * kSecond;

std::int64_t now = 0;  // nanoseconds; 0: no world has begun, the real time holds
std::mt19937 random_bytes;

}  // namespace

namespace carrel::sandbox::fake {

void begin_virtual_world(unsigned seed) {
  now = kBeginning;
  random_bytes.seed(seed);
}

void pass(std::chrono::nanoseconds time) {
  now += time.count();
}

void run_for(boost::asio::io_context& loop, std::chrono::milliseconds time) {
  constexpr std::chrono::milliseconds kTurn{1};
  for (; time > std::chrono::milliseconds(0); time -= kTurn) {
    pass(kTurn);
    loop.restart();
    loop.poll();
  }
}

}  // namespace carrel::sandbox::fake

extern "C" {

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const bool replaced = clock == CLOCK_MONOTONIC || clock == CLOCK_REALTIME;
  if (now == 0 || !replaced) return static_cast<int>(::syscall(SYS_clock_gettime, clock, time));
  time->tv_sec = static_cast<time_t>(now / kSecond);
  time->tv_nsec = static_cast<long>(now % kSecond);
  return 0;
}

ssize_t getrandom(void* bytes, std::size_t count, unsigned) {
  auto* const to = static_cast<unsigned char*>(bytes);
  for (std::size_t at = 0; at < count; ++at) to[at] = static_cast<unsigned char>(random_bytes());
  return static_cast<ssize_t>(count);
}

/// Always due: the loop looks at every turn which of its timers are due by the time that we tell.
int timerfd_settime(int timer, int, const itimerspec*, itimerspec* before) noexcept {
  const itimerspec due{{0, 0}, {0, 1}};
  const auto done = static_cast<int>(::syscall(SYS_timerfd_settime, timer, TFD_TIMER_ABSTIME, &due, before));
  // The kernel takes a moment to say so, and on a busy machine the loop's next turn could come before that.
  pollfd said{timer, POLLIN, 0};
  static_cast<void>(::poll(&said, 1, -1));
  return done;
}
}
