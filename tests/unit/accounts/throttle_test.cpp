#include "orchestrator/accounts/throttle.hpp"

#include <doctest/doctest.h>

using namespace carrel::accounts;

namespace {
void fail(Throttle& throttle, const std::string& key, std::int64_t now) {
  throttle.begin(key, now);
  throttle.failed(key, now);
}

constexpr ThrottleLimits limits{.free_failures = 2,
                                .first = std::chrono::seconds(1),
                                .longest = std::chrono::seconds(10),
                                .forget = std::chrono::seconds(100),
                                .max_entries = 3};
}  // namespace

TEST_CASE("the wait doubles after the free failures up to the longest") {
  Throttle throttle(limits);
  std::int64_t now = 1000;
  for (const int expected : {0, 0, 1, 2, 4, 8, 10, 10}) {
    fail(throttle, "a", now);
    CHECK(throttle.wait("a", now).count() == expected);
    now += expected;
    CHECK(throttle.wait("a", now).count() == 0);
  }
  CHECK(throttle.wait("b", now).count() == 0);
}

TEST_CASE("thousands of failures overflow nothing") {
  Throttle throttle(limits);
  for (int i = 0; i < 100000; ++i) fail(throttle, "a", 1000);
  CHECK(throttle.wait("a", 1000).count() == 10);
}

TEST_CASE("failures are forgotten after a while, and at once when cleared") {
  Throttle throttle(limits);
  for (int i = 0; i < 4; ++i) fail(throttle, "a", 1000);
  fail(throttle, "a", 1100);
  CHECK(throttle.wait("a", 1100).count() == 0);
  for (int i = 0; i < 4; ++i) fail(throttle, "a", 1100);
  CHECK(throttle.wait("a", 1100).count() > 0);
  throttle.begin("a", 1100);
  throttle.succeeded("a");
  CHECK(throttle.wait("a", 1100).count() == 0);
  CHECK(throttle.size() == 0);
}

TEST_CASE("an attempt that says nothing leaves what had failed before") {
  Throttle throttle(limits);
  for (int i = 0; i < 3; ++i) fail(throttle, "a", 1000);
  throttle.begin("a", 1001);
  throttle.abandoned("a");
  CHECK(throttle.wait("a", 1000).count() == 1);
  throttle.begin("b", 1000);
  throttle.abandoned("b");
  CHECK(throttle.size() == 1);
}

TEST_CASE("no more are under way than may fail, and a success makes room") {
  Throttle throttle(limits);
  for (int i = 0; i < 3; ++i) {
    CHECK(throttle.has_turn("a"));
    throttle.begin("a", 1000);
  }
  CHECK_FALSE(throttle.has_turn("a"));
  CHECK(throttle.wait("a", 1000).count() == 0);
  throttle.succeeded("a");
  CHECK(throttle.has_turn("a"));
  throttle.failed("a", 1000);
  throttle.begin("a", 1000);
  CHECK_FALSE(throttle.has_turn("a"));
  CHECK(throttle.has_turn("b"));
}

TEST_CASE("one attempt may always be under way when the wait is over") {
  Throttle throttle(limits);
  for (int i = 0; i < 9; ++i) fail(throttle, "a", 1000);
  CHECK(throttle.has_turn("a"));
  throttle.begin("a", 1010);
  CHECK_FALSE(throttle.has_turn("a"));
}

TEST_CASE("what is under way is not forgotten for want of room") {
  Throttle throttle(limits);
  throttle.begin("a", 1000);
  for (const char* key : {"b", "c", "d", "e"}) fail(throttle, key, 1000);
  CHECK(throttle.size() == 3);
  throttle.failed("a", 1000);
  CHECK_FALSE(throttle.wait("a", 1000).count() > 0);
  CHECK(throttle.size() == 3);
}

TEST_CASE("a refusal is news once after each failure") {
  Throttle throttle(limits);
  fail(throttle, "a", 1000);
  CHECK(throttle.is_news("a"));
  CHECK_FALSE(throttle.is_news("a"));
  CHECK_FALSE(throttle.is_news("b"));
  fail(throttle, "a", 1000);
  CHECK(throttle.is_news("a"));
}

TEST_CASE("memory is bounded and the one used longest ago goes first") {
  Throttle throttle(limits);
  for (int i = 0; i < 3; ++i) fail(throttle, "a", 1000);
  fail(throttle, "b", 1000);
  fail(throttle, "c", 1000);
  fail(throttle, "a", 1000);
  fail(throttle, "d", 1000);
  CHECK(throttle.size() == 3);
  CHECK(throttle.wait("a", 1000).count() == 2);
  fail(throttle, "e", 1000);
  fail(throttle, "f", 1000);
  CHECK(throttle.size() == 3);
}

TEST_CASE("a clock that is set back locks nobody out for long") {
  Throttle throttle(limits);
  for (int i = 0; i < 9; ++i) fail(throttle, "a", 1'000'000);
  CHECK(throttle.wait("a", 0).count() == 10);
}

TEST_CASE("addresses stand for whoever has them") {
  CHECK(address_key("192.0.2.1") == "192.0.2.1");
  CHECK(address_key("::ffff:192.0.2.1") == "192.0.2.1");
  CHECK(address_key("2001:db8::1") == "2001:db8::/64");
  CHECK(address_key("2001:db8::ffff:1") == address_key("2001:db8::1"));
  CHECK(address_key("2001:db8:0:1::1") != address_key("2001:db8::1"));
  CHECK(address_key("nonsense") == "nonsense");
}
