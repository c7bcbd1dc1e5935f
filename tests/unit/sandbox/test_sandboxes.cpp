#include <doctest/doctest.h>
#include <fcntl.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <optional>
#include <set>

#include "fixture.hpp"
#include "orchestrator/sandbox/labels.hpp"
#include "orchestrator/sandbox/sandboxes.hpp"
#include "streamer/protocol/channel.hpp"

using namespace carrel;
using namespace carrel::sandbox;
using namespace carrel::sandbox::fake;
namespace asio = boost::asio;

TEST_CASE_FIXTURE(Fixture, "a session gets one sandbox, written down before each step, and gives it back") {
  const Ready first = ready("s1");
  const Ready again = ready("s1");
  REQUIRE((first.has_value() && again.has_value()));
  CHECK(*first == *again);
  CHECK(engine.containers.size() == 1);
  CHECK((*first)->state() == State::assigned);
  const std::string id = (*first)->identity().sandbox;
  sandboxes->end_session("s1", Reason::logout);
  CHECK(nothing_left());
  CHECK(journal.life_of(id) == "creating starting ready assigned stopping removed");
}

TEST_CASE_FIXTURE(Fixture, "two sessions never share a sandbox") {
  const Ready one = ready("s1");
  const Ready two = ready("s2");
  CHECK(*one != *two);
  CHECK((*one)->container_id() != (*two)->container_id());
}

TEST_CASE_FIXTURE(Fixture, "beyond the bound a session is told so") {
  for (const char* session : {"s1", "s2", "s3"}) REQUIRE(ready(session).has_value());
  const Ready refused = ready("s4");
  REQUIRE(refused.has_error());
  CHECK(refused.error().kind == ErrorKind::busy);
  CHECK(engine.most_at_once == 3);
}

TEST_CASE_FIXTURE(Fixture, "an engine that refuses leaves nothing behind, and the next try is a new one") {
  engine.create_fails = make_error(ErrorKind::not_found, "No such image: image");
  const Ready refused = ready("s1");
  REQUIRE(refused.has_error());
  CHECK(refused.error().message.find("No such image") != std::string::npos);
  CHECK(nothing_left());
  engine.create_fails.reset();
  CHECK(ready("s1").has_value());
}

TEST_CASE_FIXTURE(Fixture, "a container that cannot be started is removed") {
  engine.start_fails = make_error(ErrorKind::internal, "OCI runtime create failed");
  CHECK(ready("s1").has_error());
  CHECK(nothing_left());
}

TEST_CASE_FIXTURE(Fixture, "a streamer that never says hello is given up") {
  engine.says_hello = false;
  const Ready late = ready("s1");
  REQUIRE(late.has_error());
  CHECK(late.error().kind == ErrorKind::timeout);
  CHECK(nothing_left());
}

TEST_CASE_FIXTURE(Fixture, "a sandbox that runs out of memory is told apart, and replaced") {
  const Ready first = ready("s1");
  const std::string id = (*first)->identity().sandbox;
  engine.die((*first)->container_id(), 137, true);
  CHECK(nothing_left());
  CHECK(journal.life_of(id) == "creating starting ready assigned failed(oom) removed");
  const Ready second = ready("s1");
  REQUIRE(second.has_value());
  CHECK((*second)->identity().sandbox != id);
}

TEST_CASE_FIXTURE(Fixture, "a sandbox that speaks of what it was not given is ended") {
  const Ready first = ready("s1");
  const std::string id = (*first)->identity().sandbox;
  const protocol::Done lie{
      .id = 99, .outcome = protocol::Outcome::complete, .status = 200, .bytes = 0, .detail = {}};
  REQUIRE(protocol::send(engine.containers.at((*first)->container_id()).streamer.get(), lie).has_value());
  CHECK(nothing_left());
  CHECK(journal.life_of(id) == "creating starting ready assigned failed(unresponsive) removed");
}

TEST_CASE_FIXTURE(Fixture, "logging out while the sandbox is being made leaves nothing") {
  engine.says_hello = false;
  adopt_now();
  sandboxes->prepare({"s1", "user"});
  REQUIRE(run_until(loop, [&] { return engine.containers.size() == 1; }));
  sandboxes->end_session("s1", Reason::logout);
  CHECK(nothing_left());
}

TEST_CASE_FIXTURE(Fixture, "a warm sandbox is claimed once, under the session it was made for") {
  auto changed = options;
  changed.pool_size = 1;
  start_over(changed);
  adopt_now();
  REQUIRE(run_until(loop, [&] {
    const auto living = sandboxes->living();
    return living.size() == 1 && living.front()->state() == State::ready;
  }));
  const std::string warm = sandboxes->living().front()->identity().session;
  const std::string offered = sandboxes->propose_session();
  CHECK(offered == warm);
  CHECK(sandboxes->propose_session() != warm);
  sandboxes->prepare({offered, "user"});
  const Ready claimed = ready(offered);
  REQUIRE(claimed.has_value());
  CHECK((*claimed)->identity().session == warm);
  CHECK(run_until(loop, [&] { return engine.containers.size() == 2; }));
}

TEST_CASE_FIXTURE(Fixture, "a new daemon takes over what a live session uses and removes the rest") {
  const Ready kept = ready("s1");
  const Ready dead = ready("s2");
  REQUIRE((kept.has_value() && dead.has_value()));
  const std::string kept_container = (*kept)->container_id();
  sandboxes->leave();
  loop.stop();
  start_over(options);
  bool adopted = false;
  asio::co_spawn(
      loop, adopt(&*sandboxes, [](const std::string& s) { return s == "s1"; }, &adopted), asio::detached);
  REQUIRE(run_until(loop, [&] { return adopted; }));
  CHECK(engine.containers.size() == 1);
  CHECK(engine.containers.contains(kept_container));
  // What the streamer does by itself: it comes back to the same socket.
  REQUIRE(engine.connect_streamer(kept_container).has_value());
  const Ready again = ready("s1");
  REQUIRE(again.has_value());
  CHECK((*again)->container_id() == kept_container);
}

TEST_CASE_FIXTURE(
    Fixture, "a sandbox of an earlier release is left to end its answers, for as long as its session lives") {
  const auto add = [&](const std::string& session) {
    Container& old = engine.containers["old-" + session];
    old.running = true;
    old.spec.labels = {{label::kInstance, "here"}, {label::kSandbox, "sandbox-" + session},
                       {label::kSession, session}, {label::kUser, "user"},
                       {label::kRole, "streamer"}, {label::kGeneration, "1"}};
  };
  for (const char* session : {"s1", "s2", "s3"}) add(session);
  std::set<std::string> sessions{"s1", "s2"};
  bool adopted = false;
  asio::co_spawn(loop,
                 adopt(
                     &*sandboxes, [&](const std::string& s) { return sessions.contains(s); }, &adopted),
                 asio::detached);
  REQUIRE(run_until(loop, [&] { return adopted; }));
  CHECK(engine.containers.contains("old-s1"));
  CHECK(engine.containers.contains("old-s2"));
  CHECK_FALSE(engine.containers.contains("old-s3"));
  REQUIRE(ready("s1").has_value());
  CHECK(engine.containers.size() == 3);
  CHECK(sandboxes->left_to_end("sandbox-s1"));

  engine.containers.at("old-s1").running = false;
  sessions.erase("s2");
  sandboxes->end_session("s2", Reason::logout);
  REQUIRE(run_until(loop, [&] { return engine.containers.size() == 1; }));
  CHECK(run_until(loop, [&] { return !sandboxes->left_to_end("sandbox-s1"); }));
  CHECK(sandboxes->of_session("s1"));
}

TEST_CASE_FIXTURE(Fixture, "nobody gets a sandbox before what an earlier daemon left is known") {
  engine.list_fails = make_error(ErrorKind::unavailable, "no engine");
  std::optional<Ready> answer;
  asio::co_spawn(loop, ask(&*sandboxes, Claim{"s1", "user"}, &answer), asio::detached);
  REQUIRE(run_until(loop, [&] { return answer.has_value(); }));
  REQUIRE(answer->has_error());
  CHECK(answer->error().kind == ErrorKind::unavailable);
  CHECK(engine.containers.empty());
}

TEST_CASE_FIXTURE(Fixture, "a death that the engine notices late is still told apart") {
  const Ready first = ready("s1");
  const std::string id = (*first)->identity().sandbox;
  engine.looks_until_noticed = 3;
  engine.die((*first)->container_id(), 137, true);
  CHECK(nothing_left());
  CHECK(journal.life_of(id) == "creating starting ready assigned failed(oom) removed");
}

TEST_CASE_FIXTURE(Fixture, "at the bound a warm sandbox gives its place to a session") {
  auto changed = options;
  changed.pool_size = 3;
  start_over(changed);
  adopt_now();
  REQUIRE(run_until(loop, [&] { return engine.containers.size() == 3; }));
  CHECK(ready("s1").has_value());
  CHECK(run_until(loop, [&] { return sandboxes->living().size() == 3; }));
}

TEST_CASE_FIXTURE(Fixture, "what runs under our label and is nobody's is removed when we look") {
  adopt_now();
  Container& stray = engine.containers["stray"];
  stray.running = true;
  stray.spec.labels = {{label::kInstance, "here"}, {label::kSandbox, "unknown"}};
  bool looked = false;
  asio::co_spawn(loop, compare(&*sandboxes, &looked), asio::detached);
  REQUIRE(run_until(loop, [&] { return looked; }));
  CHECK(engine.containers.empty());
}

namespace {

struct WorkerFixture : Fixture {
  std::optional<Result<protocol::Indexed>> answer;
  std::string id, container;
  int streamer = -1;

  /// Until its worker was given a film; the request's id.
  std::uint64_t begin() {
    asio::co_spawn(loop, index(&*sandboxes, &answer), asio::detached);
    REQUIRE(run_until(loop, [&] {
      const auto living = sandboxes->living();
      return living.size() == 1 && living.front()->state() == State::ready;
    }));
    id = sandboxes->living().front()->identity().sandbox;
    container = engine.containers.begin()->first;
    streamer = engine.containers.at(container).streamer.get();
    std::uint64_t request = 0;
    REQUIRE(run_until(loop, [&] {
      const auto asked = protocol::receive(streamer);
      if (asked.has_error() || !*asked) return false;
      request = std::get<protocol::Index>((*asked)->message).id;
      return true;
    }));
    return request;
  }
};

}  // namespace

TEST_CASE_FIXTURE(WorkerFixture, "a worker that is done and leaves has not failed") {
  protocol::Indexed indexed;
  indexed.id = begin();
  indexed.readable = true;
  REQUIRE(protocol::send(streamer, indexed).has_value());
  engine.die(container, 0);
  REQUIRE(run_until(loop, [&] { return answer.has_value(); }));
  CHECK(answer->has_value());
  CHECK(nothing_left());
  CHECK(journal.life_of(id) == "creating starting ready stopping removed");
}

TEST_CASE_FIXTURE(WorkerFixture, "what a worker said last counts, though the engine tells of its end first") {
  protocol::Indexed indexed;
  indexed.id = begin();
  const protocol::IndexProgress progress{.id = indexed.id, .film_bytes_read = 1};
  for (int i = 0; i < 20; ++i) REQUIRE(protocol::send(streamer, progress).has_value());
  REQUIRE(protocol::send(streamer, indexed).has_value());
  engine.die(container, 0);
  engine.tell("die", container);
  REQUIRE(run_until(loop, [&] { return answer.has_value(); }));
  CHECK(answer->has_value());
  CHECK(nothing_left());
  CHECK(journal.life_of(id) == "creating starting ready stopping removed");
}

TEST_CASE_FIXTURE(Fixture, "a worker that dies is said to have died, and its container is gone") {
  std::optional<Result<protocol::Indexed>> answer;
  asio::co_spawn(loop, index(&*sandboxes, &answer), asio::detached);
  REQUIRE(run_until(loop, [&] {
    const auto living = sandboxes->living();
    return living.size() == 1 && living.front()->state() == State::ready;
  }));
  engine.die(engine.containers.begin()->first, 139);
  REQUIRE(run_until(loop, [&] { return answer.has_value(); }));
  REQUIRE(answer->has_error());
  CHECK(answer->error().kind == ErrorKind::unavailable);
  CHECK(nothing_left());
}

TEST_CASE_FIXTURE(Fixture, "a worker without progress is ended") {
  std::optional<Result<protocol::Indexed>> answer;
  asio::co_spawn(loop, index(&*sandboxes, &answer), asio::detached);
  REQUIRE(run_until(loop, [&] { return answer.has_value(); }));
  REQUIRE(answer->has_error());
  CHECK(answer->error().kind == ErrorKind::timeout);
  CHECK(nothing_left());
}
