#include "orchestrator/accounts/throttle.hpp"

#include <doctest/doctest.h>

using namespace carrel::accounts;

namespace {
constexpr ThrottleLimits limits{.free_failures = 2,
                                .first = std::chrono::seconds(1),
                                .longest = std::chrono::seconds(10),
                                .forget = std::chrono::seconds(100),
                                .max_entries = 3};
}

TEST_CASE("the wait doubles after the free failures up to the longest") {
  Throttle throttle(limits);
  std::int64_t now = 1000;
  for (const int expected : {0, 0, 1, 2, 4, 8, 10, 10}) {
    throttle.attempt("a", now);
    CHECK(throttle.wait("a", now).count() == expected);
    now += expected;
    CHECK(throttle.wait("a", now).count() == 0);
  }
  CHECK(throttle.wait("b", now).count() == 0);
}

TEST_CASE("thousands of failures overflow nothing") {
  Throttle throttle(limits);
  for (int i = 0; i < 100000; ++i) throttle.attempt("a", 1000);
  CHECK(throttle.wait("a", 1000).count() == 10);
}

TEST_CASE("failures are forgotten after a while, and at once when cleared") {
  Throttle throttle(limits);
  for (int i = 0; i < 4; ++i) throttle.attempt("a", 1000);
  throttle.attempt("a", 1100);
  CHECK(throttle.wait("a", 1100).count() == 0);
  for (int i = 0; i < 4; ++i) throttle.attempt("a", 1100);
  CHECK(throttle.wait("a", 1100).count() > 0);
  throttle.clear("a");
  CHECK(throttle.wait("a", 1100).count() == 0);
  CHECK(throttle.size() == 0);
}

TEST_CASE("a success takes back its own attempt only") {
  Throttle throttle(limits);
  throttle.attempt("a", 1000);
  throttle.attempt("a", 1000);
  throttle.attempt("a", 1000);
  throttle.take_back("a");
  CHECK(throttle.wait("a", 1000).count() == 0);
  throttle.attempt("a", 1000);
  CHECK(throttle.wait("a", 1000).count() == 1);
  throttle.take_back("b");
  for (int i = 0; i < 3; ++i) throttle.take_back("a");
  CHECK(throttle.size() == 0);
}

TEST_CASE("memory is bounded and the one used longest ago goes first") {
  Throttle throttle(limits);
  for (int i = 0; i < 3; ++i) throttle.attempt("a", 1000);
  throttle.attempt("b", 1000);
  throttle.attempt("c", 1000);
  throttle.attempt("a", 1000);
  throttle.attempt("d", 1000);
  CHECK(throttle.size() == 3);
  CHECK(throttle.wait("a", 1000).count() == 2);
  throttle.attempt("e", 1000);
  throttle.attempt("f", 1000);
  CHECK(throttle.size() == 3);
}

TEST_CASE("a clock that is set back locks nobody out for long") {
  Throttle throttle(limits);
  for (int i = 0; i < 9; ++i) throttle.attempt("a", 1'000'000);
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
