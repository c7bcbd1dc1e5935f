#include <doctest/doctest.h>

#include "orchestrator/sandbox/breaker.hpp"

using carrel::sandbox::Breaker;
using namespace std::chrono_literals;

namespace {

const Breaker::Clock::time_point kStart = Breaker::Clock::time_point(1000h);

void crash(Breaker& breaker, int times, Breaker::Clock::time_point now, const char* key = "film") {
  for (int count = 0; count < times; ++count) breaker.crashed(key, "oom", now);
}

}  // namespace

TEST_CASE("a breaker opens at the fourth crash within the window, for that key alone") {
  Breaker breaker(Breaker::Options{});
  crash(breaker, 3, kStart);
  CHECK_FALSE(breaker.open("film", kStart));
  crash(breaker, 1, kStart + 60s);
  const auto open = breaker.open("film", kStart + 60s);
  REQUIRE(open);
  CHECK(open->retry_after == 15s);
  CHECK(open->why == "oom");
  CHECK_FALSE(breaker.open("other", kStart + 60s));
  CHECK(breaker.open_count(kStart + 60s) == 1);
}

TEST_CASE("crashes far apart open nothing") {
  Breaker breaker(Breaker::Options{});
  for (int count = 0; count < 20; ++count) crash(breaker, 1, kStart + count * 21s);
  CHECK_FALSE(breaker.open("film", kStart + 400s));
}

TEST_CASE("the pause is over by itself, and a crash of the trial doubles it, up to a bound") {
  Breaker breaker(Breaker::Options{});
  auto now = kStart;
  crash(breaker, 4, now);
  for (const auto pause : {15s, 30s, 60s, 120s, 240s, 480s, 600s, 600s}) {
    CHECK(breaker.open("film", now)->retry_after == pause);
    CHECK(breaker.open("film", now + pause - 1ms)->retry_after == 1s);
    now += pause;
    CHECK_FALSE(breaker.open("film", now));
    crash(breaker, 1, now);
  }
}

TEST_CASE("a quiet window after the pause makes it like new") {
  Breaker breaker(Breaker::Options{});
  crash(breaker, 4, kStart);
  const auto later = kStart + 15s + 61s;
  crash(breaker, 3, later);
  CHECK_FALSE(breaker.open("film", later));
  crash(breaker, 1, later);
  CHECK(breaker.open("film", later)->retry_after == 15s);
}

TEST_CASE("what still crashes while it is open does not lengthen the pause") {
  Breaker breaker(Breaker::Options{});
  crash(breaker, 12, kStart);
  CHECK(breaker.open("film", kStart)->retry_after == 15s);
}

TEST_CASE("the number of keys is bounded, and quiet ones are forgotten") {
  Breaker::Options options;
  options.most_keys = 2;
  Breaker breaker(options);
  crash(breaker, 4, kStart, "a");
  crash(breaker, 4, kStart, "b");
  crash(breaker, 4, kStart, "c");
  CHECK(breaker.open_count(kStart) == 2);
  CHECK_FALSE(breaker.open("c", kStart));
  const auto later = kStart + 200s;
  crash(breaker, 4, later, "c");
  CHECK(breaker.open("c", later));
}
