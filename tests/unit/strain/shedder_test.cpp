#include "orchestrator/strain/shedder.hpp"

#include <doctest/doctest.h>

using namespace carrel;
using std::chrono::seconds;
using strain::Cause;
using strain::Level;
using strain::Shedder;

namespace {

constexpr std::uint64_t kMiB = 1 << 20;

machine::Strain well() {
  machine::Strain strain;
  strain.sensor = "coretemp";
  strain.celsius = 50;
  strain.warm = 85;
  strain.hot = 95;
  strain.memory_total = 8192 * kMiB;
  strain.memory_available = 4096 * kMiB;
  strain.some_stalled = 0;
  strain.all_stalled = 0;
  return strain;
}

/// Looks every five seconds.
class Daemon {
 public:
  const strain::Shedding& look(const machine::Strain& strain) {
    now_ += seconds(5);
    return shedder_.judge(strain, now_);
  }

 private:
  Shedder shedder_{512 * kMiB};
  Shedder::Clock::time_point now_;
};

}  // namespace

TEST_CASE("a machine that is well sheds nothing, and neither does one that tells nothing") {
  Daemon daemon;
  CHECK(daemon.look(well()).level == Level::none);
  CHECK(daemon.look({}).level == Level::none);
}

TEST_CASE("heat: fewer conversions first, then nothing new; it says why") {
  Daemon daemon;
  auto strain = well();
  strain.celsius = 86;
  CHECK(daemon.look(strain).level == Level::fewer_conversions);
  CHECK(daemon.look(strain).why == "the machine is too hot (coretemp 86 °C, bound 85 °C)");
  strain.celsius = 95;
  CHECK(daemon.look(strain).level == Level::no_new_sandboxes);
  CHECK(daemon.look(strain).why == "the machine is too hot (coretemp 95 °C, bound 95 °C)");
}

TEST_CASE("want of memory, by what is left and by what waits for it") {
  Daemon left;
  auto strain = well();
  strain.memory_available = 1000 * kMiB;
  CHECK(left.look(strain).level == Level::fewer_conversions);
  strain.memory_available = 500 * kMiB;
  CHECK(left.look(strain).level == Level::no_new_sandboxes);
  CHECK(left.look(strain).why == "the machine is short of memory (500 MiB left)");
  Daemon stalled;
  strain = well();
  strain.memory_available = 2000 * kMiB;
  strain.all_stalled = 6;
  CHECK(stalled.look(strain).level == Level::fewer_conversions);
  strain.all_stalled = 25;
  CHECK(stalled.look(strain).level == Level::no_new_sandboxes);
  CHECK(stalled.look(strain).why.find("25% of the time") != std::string::npos);
}

TEST_CASE("what waits at a limit of its own says nothing about a machine with memory left") {
  Daemon daemon;
  auto strain = well();
  strain.all_stalled = 90;
  CHECK(daemon.look(strain).level == Level::none);
  strain.memory_available.reset();
  CHECK(daemon.look(strain).level == Level::no_new_sandboxes);
  Daemon large;
  strain.memory_total = 65'536 * kMiB;
  strain.memory_available = 7000 * kMiB;
  CHECK(large.look(strain).level == Level::none);
  strain.memory_available = 6000 * kMiB;
  CHECK(large.look(strain).level == Level::no_new_sandboxes);
}

TEST_CASE("throttling counts from the first look on") {
  Daemon daemon;
  auto strain = well();
  strain.throttled = 1000;
  CHECK(daemon.look(strain).level == Level::none);
  CHECK(daemon.look(strain).level == Level::none);
  strain.throttled = 1001;
  CHECK(daemon.look(strain).level == Level::fewer_conversions);
}

TEST_CASE("it comes down a level at a time, after the machine has been clearly better for half a minute") {
  Daemon daemon;
  auto strain = well();
  strain.celsius = 96;
  CHECK(daemon.look(strain).level == Level::no_new_sandboxes);
  strain.celsius = 94;  // below the bound, but not clearly
  for (int i = 0; i < 20; ++i) CHECK(daemon.look(strain).level == Level::no_new_sandboxes);
  strain.celsius = 60;
  for (int i = 0; i < 6; ++i) CHECK(daemon.look(strain).level == Level::no_new_sandboxes);
  CHECK(daemon.look(strain).level == Level::fewer_conversions);
  CHECK(daemon.look(strain).why == "the machine has only just recovered");
  for (int i = 0; i < 5; ++i) CHECK(daemon.look(strain).level == Level::fewer_conversions);
  const auto& last = daemon.look(strain);
  CHECK(last.level == Level::none);
  CHECK(last.why.empty());
}

TEST_CASE("a relapse begins the half minute anew") {
  Daemon daemon;
  auto strain = well();
  strain.celsius = 90;
  CHECK(daemon.look(strain).level == Level::fewer_conversions);
  auto cool = well();
  for (int i = 0; i < 6; ++i) CHECK(daemon.look(cool).level == Level::fewer_conversions);
  CHECK(daemon.look(strain).level == Level::fewer_conversions);
  for (int i = 0; i < 6; ++i) CHECK(daemon.look(cool).level == Level::fewer_conversions);
  CHECK(daemon.look(cool).level == Level::none);
}

TEST_CASE("the reason is the one that holds now, and does not change back and forth") {
  Daemon daemon;
  auto strain = well();
  strain.memory_available = 500 * kMiB;
  CHECK(daemon.look(strain).cause == Cause::memory);
  SUBCASE("memory has recovered, heat has come") {
    strain.memory_available = 4096 * kMiB;
    strain.celsius = 99;
    CHECK(daemon.look(strain).level == Level::no_new_sandboxes);
    CHECK(daemon.look(strain).why == "the machine is too hot (coretemp 99 °C, bound 95 °C)");
  }
  SUBCASE("it is still short of memory, and too hot as well") {
    strain.celsius = 99;
    CHECK(daemon.look(strain).cause == Cause::memory);
    strain.memory_available = 600 * kMiB;  // above the bound, but not clearly
    CHECK(daemon.look(strain).cause == Cause::memory);
  }
  SUBCASE("what is not clearly better is the reason, where nothing else is") {
    strain.celsius = 99;
    strain.memory_available = 4096 * kMiB;
    CHECK(daemon.look(strain).cause == Cause::heat);
    strain.celsius = 50;
    strain.memory_available = 600 * kMiB;
    CHECK(daemon.look(strain).cause == Cause::memory);
    CHECK(daemon.look(strain).level == Level::no_new_sandboxes);
  }
  SUBCASE("a relapse is no recovery") {
    for (int i = 0; i < 7; ++i) daemon.look(well());
    REQUIRE(daemon.look(well()).cause == Cause::recovery);
    strain = well();
    strain.celsius = 86;
    CHECK(daemon.look(strain).level == Level::fewer_conversions);
    CHECK(daemon.look(strain).cause == Cause::heat);
  }
}
