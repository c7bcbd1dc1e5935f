#include <doctest/doctest.h>

#include <vector>

#include "orchestrator/sandbox/lifecycle.hpp"

using namespace carrel::sandbox;

namespace {

const std::vector<State> kAll{State::planned, State::creating, State::starting, State::ready, State::assigned,
                              State::paused,  State::stopping, State::removed,  State::failed};

}  // namespace

TEST_CASE("a life goes forward only") {
  for (const State state : kAll) {
    CAPTURE(to_string(state));
    CHECK_FALSE(may_follow(state, state));
    CHECK_FALSE(may_follow(State::removed, state));
    CHECK_FALSE(may_follow(state, State::planned));
  }
  CHECK(may_follow(State::planned, State::creating));
  CHECK(may_follow(State::planned, State::starting));
  CHECK(may_follow(State::ready, State::assigned));
  CHECK_FALSE(may_follow(State::assigned, State::ready));
}

TEST_CASE("every state can fail, and what failed can only be removed") {
  for (const State state :
       {State::planned, State::creating, State::starting, State::ready, State::assigned}) {
    CHECK(may_follow(state, State::failed));
  }
  CHECK_FALSE(may_follow(State::failed, State::ready));
  CHECK(may_follow(State::failed, State::stopping));
  CHECK(may_follow(State::failed, State::removed));
}

TEST_CASE("a paused one can be resumed, and goes nowhere else back") {
  CHECK(may_follow(State::assigned, State::paused));
  CHECK(may_follow(State::paused, State::assigned));
  CHECK(may_follow(State::paused, State::stopping));
  CHECK(may_follow(State::paused, State::failed));
  CHECK_FALSE(may_follow(State::paused, State::ready));
  CHECK_FALSE(may_follow(State::stopping, State::paused));
}

TEST_CASE("only a sandbox's own breakdown counts as a crash") {
  for (const Reason reason : {Reason::oom, Reason::exited, Reason::signalled, Reason::unresponsive})
    CHECK(is_crash(reason));
  for (const Reason reason :
       {Reason::none, Reason::create_failed, Reason::engine_lost, Reason::idle, Reason::logout,
        Reason::expired, Reason::admin, Reason::shutdown, Reason::outdated, Reason::done})
    CHECK_FALSE(is_crash(reason));
}

TEST_CASE("states have names that are read back") {
  for (const State state : kAll) CHECK(parse_state(to_string(state)) == state);
  CHECK_FALSE(parse_state("alive").has_value());
}

TEST_CASE("a death is classified by what the engine says") {
  CHECK(classify_exit(true, 137) == Reason::oom);
  CHECK(classify_exit(false, 137) == Reason::signalled);
  CHECK(classify_exit(false, 0) == Reason::exited);
  CHECK(classify_exit(false, 1) == Reason::exited);
}
