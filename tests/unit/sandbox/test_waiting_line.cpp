#include <doctest/doctest.h>

#include "orchestrator/sandbox/waiting_line.hpp"

using carrel::sandbox::WaitingLine;
using namespace std::chrono_literals;

namespace {

const WaitingLine::Clock::time_point kStart = WaitingLine::Clock::time_point(1000h);

}  // namespace

TEST_CASE("positions are given in the order in which they came, and kept by who asks again") {
  WaitingLine line(3, 6s, 20s);
  CHECK(line.may_go("a", kStart));
  CHECK(line.stand("a", kStart) == 1);
  CHECK(line.stand("b", kStart) == 2);
  CHECK(line.stand("a", kStart + 1s) == 1);
  CHECK(line.may_go("a", kStart + 1s));
  CHECK_FALSE(line.may_go("b", kStart + 1s));
  CHECK_FALSE(line.may_go("newcomer", kStart + 1s));
  line.leave("a");
  line.leave("nobody");
  CHECK(line.stand("b", kStart + 1s) == 1);
}

TEST_CASE("a full line takes nobody, until one leaves") {
  WaitingLine line(2, 6s, 20s);
  CHECK(line.stand("a", kStart) == 1);
  CHECK(line.stand("b", kStart) == 2);
  CHECK_FALSE(line.stand("c", kStart));
  CHECK(line.stand("b", kStart) == 2);
  line.leave("a");
  CHECK(line.stand("c", kStart) == 2);
}

TEST_CASE("one that does not come back loses its place") {
  WaitingLine line(2, 6s, 20s);
  CHECK(line.stand("a", kStart) == 1);
  CHECK(line.stand("b", kStart + 10s) == 2);
  CHECK(line.size(kStart + 20s) == 2);
  CHECK(line.size(kStart + 21s) == 1);
  CHECK(line.may_go("b", kStart + 21s));
  CHECK(line.size(kStart + 31s) == 0);
}

TEST_CASE("one that has not asked for a while is passed by, and keeps its place for when it does") {
  WaitingLine line(3, 6s, 20s);
  CHECK(line.stand("a", kStart) == 1);
  CHECK(line.stand("b", kStart) == 2);
  CHECK(line.stand("c", kStart + 1s) == 3);
  CHECK_FALSE(line.may_go("b", kStart + 6s));
  CHECK(line.stand("b", kStart + 7s) == 2);
  CHECK(line.may_go("b", kStart + 7s));
  CHECK_FALSE(line.may_go("c", kStart + 7s));
  CHECK_FALSE(line.may_go("newcomer", kStart + 7s));
  CHECK(line.stand("a", kStart + 8s) == 1);
  CHECK(line.may_go("a", kStart + 8s));
  CHECK_FALSE(line.may_go("b", kStart + 8s));
  CHECK(line.may_go("newcomer", kStart + 15s));
}
