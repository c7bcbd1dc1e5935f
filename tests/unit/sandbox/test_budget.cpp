#include <doctest/doctest.h>

#include <string>

#include "orchestrator/sandbox/available_memory.hpp"
#include "orchestrator/sandbox/budget.hpp"
#include "orchestrator/sandbox/idle.hpp"

using namespace carrel;
using namespace carrel::sandbox;
using namespace std::chrono_literals;

TEST_CASE("what was promised has to fit, and the refusal names what is short") {
  const Budget budget{2.0, 1000, 100};
  CHECK(fits(budget, {2.0, 1000}, 100).has_value());
  CHECK(fits(budget, {2.0, 1000}, std::nullopt).has_value());
  const auto cpus = fits(budget, {2.5, 10}, 1000);
  REQUIRE(cpus.has_error());
  CHECK(cpus.error().kind == ErrorKind::busy);
  CHECK(cpus.error().message.find("admission.cpus") != std::string::npos);
  CHECK(fits(budget, {1, 1001}, 1000).error().message.find("admission.memory)") != std::string::npos);
  CHECK(fits(budget, {1, 10}, 99).error().message.find("admission.memory_reserve") != std::string::npos);
  CHECK(fits(Budget{}, {1000, 1'000'000}, 1).has_value());
}

TEST_CASE("this host tells what memory it has left") {
  CHECK(read_available_memory().value_or(0) > 0);
}

TEST_CASE("the idle ladder goes pause, warning, stop; each once") {
  const IdlePolicy policy{10s, 100s, 20s};
  CHECK(next_step(policy, false, false, 9s) == IdleStep::none);
  CHECK(next_step(policy, false, false, 10s) == IdleStep::pause);
  CHECK(next_step(policy, true, false, 10s) == IdleStep::none);
  CHECK(next_step(policy, true, false, 80s) == IdleStep::warn);
  CHECK(next_step(policy, true, true, 80s) == IdleStep::none);
  CHECK(next_step(policy, true, true, 100s) == IdleStep::stop);
  CHECK(next_step(policy, false, false, 200s) == IdleStep::stop);
}

TEST_CASE("a ladder without a pause has only its other rungs") {
  const IdlePolicy policy{0s, 100s, 20s};
  CHECK(next_step(policy, false, false, 79s) == IdleStep::none);
  CHECK(next_step(policy, false, false, 80s) == IdleStep::warn);
  CHECK(next_step(policy, false, true, 99s) == IdleStep::none);
}

TEST_CASE("the available memory is looked up once a second, however often it is asked for") {
  int looks = 0;
  auto now = AvailableMemory::Clock::time_point(100h);
  AvailableMemory memory(
      [&]() -> std::optional<std::uint64_t> { return ++looks == 2 ? std::nullopt : std::optional(looks); },
      [&] { return now; });
  for (int count = 0; count < 5; ++count) CHECK(memory.bytes() == 1);
  now += 999ms;
  CHECK(memory.bytes() == 1);
  now += 1ms;
  for (int count = 0; count < 5; ++count) CHECK_FALSE(memory.bytes());
  now += 1s;
  CHECK(memory.bytes() == 3);
  CHECK(looks == 3);
}
