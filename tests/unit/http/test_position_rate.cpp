#include <doctest/doctest.h>

#include "orchestrator/http/position_rate.hpp"

using carrel::http::PositionRate;
using namespace std::chrono_literals;

namespace {

constexpr PositionRate::Clock::time_point kNow{};

void spend_burst(PositionRate& rate, PositionRate::Clock::time_point now) {
  for (int i = 0; i < PositionRate::kBurst; ++i) {
    CAPTURE(i);
    CHECK(rate.admit("anna", now) == 0s);
  }
}

}  // namespace

TEST_CASE("after a burst one user is slowed down, and nobody else") {
  PositionRate rate;
  spend_burst(rate, kNow);
  CHECK(rate.admit("anna", kNow) == 1s);
  CHECK(rate.admit("ben", kNow) == 0s);
  CHECK(rate.admit("anna", kNow + PositionRate::kEach - 1ms) == 1s);
  CHECK(rate.admit("anna", kNow + PositionRate::kEach) == 0s);
  CHECK(rate.admit("anna", kNow + PositionRate::kEach) == 1s);
}

TEST_CASE("six pages that tell a position each every few seconds are never slowed down") {
  PositionRate rate;
  for (auto now = kNow; now < kNow + 1h; now += 3s)
    for (int page = 0; page < 6; ++page) REQUIRE(rate.admit("anna", now) == 0s);
}

TEST_CASE("who has paused for a while has the burst again") {
  PositionRate rate;
  spend_burst(rate, kNow);
  spend_burst(rate, kNow + PositionRate::kBurst * PositionRate::kEach);
}

TEST_CASE("idle users are forgotten, others are not") {
  PositionRate rate;
  spend_burst(rate, kNow);
  for (int i = 0; i < 5000; ++i) CHECK(rate.admit("user " + std::to_string(i), kNow) == 0s);
  CHECK(rate.admit("anna", kNow) == 1s);
  CHECK(rate.users() == 5001);
  CHECK(rate.admit("ben", kNow + 1h) == 0s);
  CHECK(rate.users() == 1);
}
