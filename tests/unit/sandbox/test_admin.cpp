// What an administrator may do to sandboxes, and what is nobody's.
#include "fixture.hpp"
#include "orchestrator/sandbox/labels.hpp"
#include "streamer/protocol/channel.hpp"

using namespace carrel;
using namespace carrel::sandbox;
using namespace carrel::sandbox::fake;
using namespace std::chrono_literals;

namespace {

using Left = std::optional<Result<std::vector<LeftOver>>>;

boost::asio::awaitable<void> collect(Sandboxes* sandboxes, bool dry_run, std::chrono::seconds grace,
                                     Left* left) {
  Result<std::vector<LeftOver>> found = co_await sandboxes->collect_left_over(dry_run, grace);
  left->emplace(std::move(found));
}

struct Admin : Fixture {
  Result<std::vector<LeftOver>> collected(bool dry_run, std::chrono::seconds grace) {
    Left left;
    boost::asio::co_spawn(loop, collect(&*sandboxes, dry_run, grace, &left), boost::asio::detached);
    REQUIRE(run_until(loop, [&] { return left.has_value(); }));
    return *left;
  }

  void add_stray(const std::string& id, std::int64_t created_at) {
    Container& stray = engine.containers[id];
    stray.running = true;
    stray.created_at = created_at;
    stray.spec.labels = {{label::kInstance, "here"}, {label::kSandbox, "of " + id}};
  }

  std::shared_ptr<Sandbox> serving(const std::string& session) {
    const Ready given = ready(session);
    REQUIRE(given.has_value());
    const int descriptors[] = {0, 0};
    REQUIRE((*given)->serve({}, "film", descriptors).has_value());
    return *given;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Admin, "a stop waits for the answers, and no longer than its patience") {
  const auto patient = serving("s1");
  const auto hasty = serving("s2");
  REQUIRE(sandboxes->stop(patient->identity().sandbox, 3600s).has_value());
  REQUIRE(sandboxes->stop(hasty->identity().sandbox, 0s).has_value());
  REQUIRE(tended_until([&] { return sandboxes->living().size() == 1; }));
  CHECK_FALSE(patient->ending().is_set());
  REQUIRE(tended_until([&] { return container_of("s1").asked.size() == 1; }));
  protocol::Done done;
  done.id = container_of("s1").asked.front();
  REQUIRE(protocol::send(container_of("s1").streamer.get(), done).has_value());
  REQUIRE(tended_until([&] { return sandboxes->living().empty(); }));
  CHECK(patient->ending().value()->reason == Reason::admin);
  CHECK(sandboxes->stop("nobody", 0s).error().kind == ErrorKind::not_found);
  CHECK(sandboxes->kill("nobody").error().kind == ErrorKind::not_found);
}

TEST_CASE_FIXTURE(Admin, "one without answers is stopped at once, whatever the patience") {
  const Ready given = ready("s1");
  REQUIRE(sandboxes->stop((*given)->identity().sandbox, 3600s).has_value());
  CHECK(nothing_left());
}

TEST_CASE_FIXTURE(Admin, "limits of a session change while it runs; a zero means as every sandbox") {
  const Ready given = ready("s1");
  sandboxes->limit_session("s1", SessionLimits{0, 4 << 20, 0, 500});
  REQUIRE(run_until(loop, [&] { return engine.updated.size() == 1; }));
  CHECK((*given)->limits() == SessionLimits{2, 4 << 20, 0.5, 500});
  CHECK(engine.updated.front() == (*given)->container_id() + " 4194304 500000000");
  sandboxes->limit_session("s1", SessionLimits{0, 4 << 20, 0, 500});
  sandboxes->limit_session("nobody", SessionLimits{});
  loop.restart();
  loop.poll();
  CHECK(engine.updated.size() == 1);
}

TEST_CASE_FIXTURE(Admin, "what is nobody's is listed dry, then removed; the young and the used are not") {
  adopt_now();
  const Ready used = ready("s1");
  add_stray("old", 1000);
  add_stray("young", unix_now());
  const auto dry = collected(true, 60s);
  REQUIRE(dry.has_value());
  REQUIRE(dry->size() == 1);
  CHECK(dry->front().container == "old");
  CHECK_FALSE(dry->front().removed);
  CHECK(engine.containers.size() == 3);
  const auto wet = collected(false, 60s);
  REQUIRE(wet->size() == 1);
  CHECK(wet->front().removed);
  CHECK(engine.containers.size() == 2);
  CHECK(engine.containers.contains((*used)->container_id()));
  CHECK(collected(false, 0s)->size() == 1);
  CHECK(engine.containers.size() == 1);
}

TEST_CASE_FIXTURE(Admin, "before adoption nothing is taken for nobody's") {
  add_stray("somebody's", 1000);
  const auto found = collected(false, 0s);
  REQUIRE(found.has_error());
  CHECK(found.error().kind == ErrorKind::unavailable);
  CHECK(engine.containers.size() == 1);
}

TEST_CASE_FIXTURE(Admin, "one that could not be removed is said to be still there") {
  adopt_now();
  add_stray("stuck", 1000);
  engine.remove_fails = make_error(ErrorKind::internal, "device or resource busy");
  const auto found = collected(false, 0s);
  REQUIRE(found->size() == 1);
  CHECK_FALSE(found->front().removed);
}
