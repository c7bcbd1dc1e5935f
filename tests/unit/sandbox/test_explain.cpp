#include <doctest/doctest.h>

#include "orchestrator/sandbox/explain.hpp"

using namespace carrel::sandbox;

namespace {

constexpr std::int64_t kNow = 1'000'000;
const IdlePolicy kIdle{std::chrono::seconds(0), std::chrono::seconds(1800), std::chrono::seconds(60)};

Facts assigned() {
  Facts facts;
  facts.state = State::assigned;
  facts.user = "anna";
  facts.touched_at = kNow - 100;
  facts.touched_what = "was given a request";
  return facts;
}

std::string all(const Explanation& why) {
  std::string text;
  for (const auto& line : why.text) text += line + "\n";
  return text;
}

}  // namespace

TEST_CASE("one in use goes when nobody has used it for long enough, unless its session ends before") {
  Facts facts = assigned();
  facts.answers = 2;
  Explanation why = explain(facts, kIdle, kNow);
  CHECK(why.lives_because == "the session of anna is being sent 2 answers");
  CHECK(why.goes_at == kNow + 1700);
  CHECK(why.remover.find("idle_stop") != std::string::npos);
  CHECK(all(why).find("100 s ago: it was given a request") != std::string::npos);
  facts.session_ends_at = kNow + 50;
  why = explain(facts, kIdle, kNow);
  CHECK(why.goes_at == kNow + 50);
  CHECK(why.remover.find("end of its session") != std::string::npos);
}

TEST_CASE("an administrator's stop comes before the idle ladder") {
  Facts facts = assigned();
  facts.stop_at = kNow + 40;
  const Explanation why = explain(facts, kIdle, kNow);
  CHECK(why.goes_at == kNow + 40);
  CHECK(why.remover.find("administrator") != std::string::npos);
}

TEST_CASE("paused, warm, working, going and gone ones each say so") {
  Facts facts = assigned();
  facts.state = State::paused;
  CHECK(explain(facts, kIdle, kNow).lives_because.find("paused") != std::string::npos);

  facts = Facts{};
  facts.state = State::ready;
  CHECK(explain(facts, kIdle, kNow).lives_because.find("pool") != std::string::npos);
  CHECK_FALSE(explain(facts, kIdle, kNow).goes_at);

  facts.role = Role::worker;
  CHECK(explain(facts, kIdle, kNow).lives_because.find("film") != std::string::npos);

  facts = assigned();
  facts.reason = Reason::oom;
  facts.state = State::failed;
  CHECK(explain(facts, kIdle, kNow).lives_because.empty());
  CHECK(all(explain(facts, kIdle, kNow)).find("ran out of memory") != std::string::npos);

  facts.state = State::removed;
  facts.detail = "exit code 137";
  const Explanation gone = explain(facts, kIdle, kNow);
  CHECK(all(gone).find("It is gone: it ran out of memory (exit code 137)") != std::string::npos);
  CHECK(gone.goes_at == facts.touched_at);
}

TEST_CASE("every reason has words of its own") {
  for (int value = 1; value <= static_cast<int>(Reason::done); ++value) {
    CHECK(in_words(static_cast<Reason>(value)) != in_words(Reason::none));
  }
}

TEST_CASE("one of an earlier release is not called gone while it sends") {
  Facts facts;
  facts.state = State::removed;
  facts.left_to_end = true;
  const Explanation why = explain(facts, kIdle, kNow);
  CHECK_FALSE(why.lives_because.empty());
  CHECK(all(why).find("another release") != std::string::npos);
}
