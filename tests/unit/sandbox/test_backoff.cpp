#include <doctest/doctest.h>

#include "orchestrator/sandbox/backoff.hpp"

using carrel::sandbox::Backoff;
using namespace std::chrono_literals;

TEST_CASE("each failure doubles the pause, up to the longest") {
  Backoff backoff({1s, 3s, 10s});
  auto now = Backoff::Clock::time_point(100h);
  CHECK(backoff.may_try(now));
  for (const auto pause : {1s, 2s, 3s, 3s}) {
    backoff.failed(now);
    CHECK_FALSE(backoff.may_try(now + pause - 1ms));
    CHECK(backoff.may_try(now + pause));
    now += pause;
  }
}

TEST_CASE("what has lived for long makes good for earlier failures, what has not does not") {
  Backoff backoff({1s, 60s, 10s});
  const auto now = Backoff::Clock::time_point(100h);
  for (int count = 0; count < 4; ++count) backoff.failed(now);
  CHECK_FALSE(backoff.outlived(now - 9s, now));
  CHECK_FALSE(backoff.may_try(now));
  CHECK(backoff.outlived(now - 10s, now));
  CHECK(backoff.may_try(now));
  backoff.failed(now);
  CHECK(backoff.may_try(now + 1s));
}
