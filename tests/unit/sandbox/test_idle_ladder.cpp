// Sandboxes that nobody uses, and those that do not answer.
#include <set>

#include "fixture.hpp"
#include "streamer/protocol/channel.hpp"

using namespace carrel;
using namespace carrel::sandbox;
using namespace carrel::sandbox::fake;
using namespace std::chrono_literals;

namespace {

struct Idle : Fixture {
  std::vector<std::chrono::seconds> warnings;
  std::vector<std::string> endings;
  std::set<std::string> used;

  void begin(IdlePolicy idle, std::chrono::seconds ping_every = 3600s, std::chrono::seconds hang = 3600s,
             std::set<std::string> sessions = {}) {
    auto changed = options;
    changed.idle = idle;
    changed.ping_every = ping_every;
    changed.hang_timeout = hang;
    Observer observer;
    observer.on_warning = [this](const Sandbox&, std::chrono::seconds left) { warnings.push_back(left); };
    observer.on_state = [this](const Transition& step) {
      if (step.reason != Reason::none && step.to != State::removed)
        endings.emplace_back(to_string(step.reason));
    };
    observer.on_earlier_progress = [this](const std::string& session) { used.insert(session); };
    start_over(changed, std::move(observer));
    adopt_now([sessions = std::move(sessions)](const std::string& one) { return sessions.contains(one); });
  }

  /// A new daemon finds the sandbox of "s1", by its id, at an answer that the one before asked for.
  std::string take_over_while_sending(IdlePolicy idle, std::chrono::seconds ping_every) {
    begin({0s, 3600s, 60s});
    const Ready first = ready("s1");
    const std::string container = (*first)->container_id();
    sandboxes->leave();
    loop.stop();
    begin(idle, ping_every, 3600s, {"s1"});
    engine.containers.at(container).earlier_transfers = 1;
    REQUIRE(engine.connect_streamer(container).has_value());
    return (*first)->identity().sandbox;
  }

  [[nodiscard]] State state_of(const std::string& session) {
    const auto sandbox = sandboxes->of_session(session);
    return sandbox ? sandbox->state() : State::removed;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Idle, "an unused one is paused, and the next request finds it running") {
  begin({1s, 3600s, 60s});
  const Ready first = ready("s1");
  const std::string id = (*first)->identity().sandbox;
  REQUIRE(tended_until([&] { return state_of("s1") == State::paused && container_of("s1").paused; }));
  CHECK(warnings.empty());
  const Ready again = ready("s1");
  REQUIRE(again.has_value());
  CHECK(*again == *first);
  CHECK((*again)->state() == State::assigned);
  CHECK_FALSE(container_of("s1").paused);
  CHECK(journal.life_of(id) == "creating starting ready assigned paused assigned");
}

TEST_CASE_FIXTURE(Idle, "a client that reads again wakes a paused one") {
  begin({1s, 3600s, 60s});
  const Ready first = ready("s1");
  REQUIRE(tended_until([&] { return state_of("s1") == State::paused && container_of("s1").paused; }));
  sandboxes->note_acknowledged(**first, 1000);
  REQUIRE(tended_until([&] { return state_of("s1") == State::assigned && !container_of("s1").paused; }));
}

TEST_CASE_FIXTURE(Idle, "two requests at once resume it once") {
  begin({1s, 3600s, 60s});
  REQUIRE(ready("s1").has_value());
  REQUIRE(tended_until([&] { return state_of("s1") == State::paused && container_of("s1").paused; }));
  int resumed = 0;
  engine.on_call = [&](const std::string& call, const std::string&) {
    Fault fault;
    fault.delay = 5ms;
    if (call == "unpause") ++resumed;
    return fault;
  };
  std::optional<Ready> one;
  std::optional<Ready> two;
  boost::asio::co_spawn(loop, ask(&*sandboxes, Claim{"s1", "user"}, &one), boost::asio::detached);
  boost::asio::co_spawn(loop, ask(&*sandboxes, Claim{"s1", "user"}, &two), boost::asio::detached);
  REQUIRE(run_until(loop, [&] { return one && two; }));
  CHECK((one->has_value() && two->has_value()));
  CHECK(resumed == 1);
}

TEST_CASE_FIXTURE(Idle, "one that cannot be paused goes on, and one that cannot be resumed is replaced") {
  begin({1s, 3600s, 60s});
  REQUIRE(ready("s1").has_value());
  engine.pause_fails = make_error(ErrorKind::internal, "cannot freeze");
  REQUIRE(tended_until([&] { return sandboxes->of_session("s1")->cannot_pause; }));
  CHECK(state_of("s1") == State::assigned);
  engine.pause_fails.reset();
  sandboxes->of_session("s1")->touch("was used");
  REQUIRE(tended_until([&] { return state_of("s1") == State::paused && container_of("s1").paused; }));
  engine.unpause_fails = make_error(ErrorKind::internal, "cannot thaw");
  CHECK(ready("s1").has_error());
  CHECK(ready("s1").has_value());
}

TEST_CASE_FIXTURE(Idle, "one that cannot be paused is stopped all the same") {
  begin({1s, 2s, 0s});
  REQUIRE(ready("s1").has_value());
  engine.pause_fails = make_error(ErrorKind::internal, "cannot freeze");
  REQUIRE(tended_until([&] { return sandboxes->living().empty(); }));
  CHECK(endings == std::vector<std::string>{"idle"});
}

TEST_CASE_FIXTURE(Idle, "it is warned of once, stopped, and the session's next request brings another") {
  begin({0s, 2s, 1s});
  const Ready first = ready("s1");
  const std::string id = (*first)->identity().sandbox;
  REQUIRE(tended_until([&] { return sandboxes->living().empty(); }));
  CHECK(warnings == std::vector{1s});
  CHECK(endings == std::vector<std::string>{"idle"});
  CHECK(journal.life_of(id) == "creating starting ready assigned stopping removed");
  const Ready second = ready("s1");
  REQUIRE(second.has_value());
  CHECK((*second)->identity().sandbox != id);
}

TEST_CASE_FIXTURE(Idle, "a paused one is stopped in the end, and a logout ends a paused one") {
  begin({1s, 2s, 1s});
  REQUIRE(ready("s1").has_value());
  REQUIRE(tended_until([&] { return state_of("s1") == State::paused; }));
  REQUIRE(tended_until([&] { return sandboxes->living().empty(); }));
  REQUIRE(ready("s1").has_value());
  REQUIRE(tended_until([&] { return state_of("s1") == State::paused; }));
  sandboxes->end_session("s1", Reason::logout);
  CHECK(nothing_left());
}

TEST_CASE_FIXTURE(Idle, "one that answers its pings lives, one that does not is ended and replaced") {
  begin({0s, 3600s, 60s}, 0s, 1s);
  const Ready healthy = ready("s1");
  const Ready hanging = ready("s2");
  container_of("s2").hangs = true;
  const std::string id = (*hanging)->identity().sandbox;
  REQUIRE(tended_until([&] { return !sandboxes->by_id(id); }));
  CHECK(journal.life_of(id) == "creating starting ready assigned failed(unresponsive) removed");
  CHECK(sandboxes->of_session("s1") == *healthy);
  CHECK(ready("s2").has_value());
}

TEST_CASE_FIXTURE(Idle, "one that still sends what an earlier daemon began is used until it has sent it") {
  take_over_while_sending({1s, 1s, 0s}, 0s);
  const auto until = std::chrono::steady_clock::now() + 2500ms;
  REQUIRE(tended_until([&] { return std::chrono::steady_clock::now() > until; }));
  const auto sandbox = sandboxes->of_session("s1");
  REQUIRE(sandbox);
  CHECK(sandbox->answers() == 1);
  CHECK(sandbox->state() == State::assigned);
  CHECK(used.contains("s1"));
  container_of("s1").earlier_transfers = 0;
  REQUIRE(tended_until([&] { return !sandboxes->of_session("s1"); }));
  CHECK(endings == std::vector<std::string>{"idle"});
}

TEST_CASE_FIXTURE(Idle, "one that is silent about an earlier daemon's client is not paused") {
  const std::string id = take_over_while_sending({1s, 3s, 0s}, 3600s);
  REQUIRE(tended_until([&] { return !sandboxes->of_session("s1"); }));
  CHECK(journal.life_of(id).find("paused") == std::string::npos);
}

TEST_CASE_FIXTURE(Idle, "one that speaks of an earlier daemon's answers and has none is ended") {
  begin({0s, 3600s, 60s}, 0s);
  const Ready first = ready("s1");
  container_of("s1").earlier_transfers = 1;
  REQUIRE(tended_until([&] { return sandboxes->living().empty(); }));
  CHECK(endings == std::vector<std::string>{"unresponsive"});
}

TEST_CASE_FIXTURE(Idle, "a paused one owes no answer to a ping") {
  begin({1s, 3600s, 60s}, 0s, 1s);
  const Ready first = ready("s1");
  REQUIRE(tended_until([&] { return state_of("s1") == State::paused && container_of("s1").paused; }));
  const auto until = std::chrono::steady_clock::now() + 1500ms;
  REQUIRE(tended_until([&] { return std::chrono::steady_clock::now() > until; }));
  CHECK(state_of("s1") == State::paused);
  REQUIRE(ready("s1").has_value());
  engine.pump();
  CHECK(sandboxes->of_session("s1") == *first);
}

TEST_CASE_FIXTURE(Idle, "an answer to a ping that was not sent is a breach") {
  begin({0s, 3600s, 60s});
  const Ready first = ready("s1");
  REQUIRE(protocol::send(container_of("s1").streamer.get(), protocol::Pong{7}).has_value());
  CHECK(nothing_left());
  CHECK(endings == std::vector<std::string>{"unresponsive"});
}

TEST_CASE_FIXTURE(Idle, "only one that runs can be paused by hand, only a paused one resumed") {
  begin({0s, 3600s, 60s});
  const Ready first = ready("s1");
  const std::string id = (*first)->identity().sandbox;
  std::vector<Result<void>> results;
  const auto call = [&](boost::asio::awaitable<Result<void>> what) {
    const std::size_t before = results.size();
    boost::asio::co_spawn(loop, std::move(what), [&](std::exception_ptr, Result<void> result) {
      results.push_back(std::move(result));
    });
    REQUIRE(run_until(loop, [&] { return results.size() > before; }));
    return results.back();
  };
  CHECK(call(sandboxes->resume(id)).error().kind == ErrorKind::conflict);
  CHECK(call(sandboxes->pause(id)).has_value());
  CHECK(call(sandboxes->pause(id)).error().kind == ErrorKind::conflict);
  CHECK(call(sandboxes->resume(id)).has_value());
  CHECK(call(sandboxes->pause("nobody")).error().kind == ErrorKind::not_found);
}
