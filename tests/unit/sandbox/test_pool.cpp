// Warm sandboxes, the image that they are of, and the holder of their network namespace.
#include "fixture.hpp"
#include "orchestrator/sandbox/labels.hpp"

using namespace carrel;
using namespace carrel::sandbox;
using namespace carrel::sandbox::fake;
using namespace std::chrono_literals;

namespace {

struct Pool : Fixture {
  void begin(std::size_t size, bool share_network = false) {
    auto changed = options;
    changed.pool_size = size;
    changed.max_total = 10;
    changed.share_network = share_network;
    start_over(changed);
    adopt_now();
    REQUIRE(run_until(loop, [&] { return sandboxes->pool().ready == size; }));
  }

  std::string claim_warm(const Claim& like) {
    const std::string session = sandboxes->propose_session();
    Claim claim = like;
    claim.session = session;
    REQUIRE(ready_as(claim).has_value());
    return session;
  }

  /// Its id.
  [[nodiscard]] std::string holder_joined_last() const {
    const auto found = std::ranges::find_if(engine.containers, [&](const auto& one) {
      return one.second.spec.name == engine.created.back().network_of;
    });
    REQUIRE(found != engine.containers.end());
    CHECK(found->second.spec.labels.at(label::kRole) == "holder");
    return found->first;
  }

  [[nodiscard]] std::size_t holders() const {
    return static_cast<std::size_t>(std::ranges::count_if(engine.containers, [](const auto& one) {
      return one.second.spec.labels.at(label::kRole) == "holder";
    }));
  }
};

}  // namespace

TEST_CASE_FIXTURE(Pool, "a limit of the session is applied to the warm sandbox that it claims") {
  begin(1);
  Claim claim{"", "user"};
  claim.limits = SessionLimits{1, 2 << 20, 0.25, 1000};
  const std::string session = claim_warm(claim);
  REQUIRE(run_until(loop, [&] { return engine.updated.size() == 1; }));
  const auto sandbox = sandboxes->of_session(session);
  CHECK(engine.updated.front() == sandbox->container_id() + " 2097152 250000000");
  CHECK(sandbox->limits().streams == 1);
}

TEST_CASE_FIXTURE(Pool, "a session without limits of its own changes nothing of the warm one") {
  begin(1);
  claim_warm({"", "user"});
  REQUIRE(run_until(loop, [&] { return sandboxes->pool().ready == 1; }));
  CHECK(engine.updated.empty());
}

TEST_CASE_FIXTURE(Pool, "no more than two are started at once to fill it") {
  auto changed = options;
  changed.pool_size = 6;
  changed.max_total = 10;
  start_over(changed);
  std::size_t most = 0;
  engine.on_call = [&](const std::string& call, const std::string&) {
    if (call == "create") most = std::max(most, sandboxes->pool().starting);
    Fault fault;
    fault.delay = 2ms;
    return fault;
  };
  adopt_now();
  REQUIRE(run_until(loop, [&] { return sandboxes->pool().ready == 6; }));
  CHECK(most <= 2);
}

TEST_CASE_FIXTURE(Pool, "when the image's tag moves, those that wait are replaced and those in use are not") {
  begin(2);
  const std::string session = claim_warm({"", "user"});
  const auto used = sandboxes->of_session(session);
  engine.image_id = "sha256:new";
  auto changed = options;
  // What makes a look due is the time since the last; a start that fails makes it due at once.
  engine.create_fails = make_error(ErrorKind::not_found, "No such image");
  CHECK(ready("unlucky").has_error());
  engine.create_fails.reset();
  REQUIRE(tended_until([&] {
    std::size_t current = 0;
    for (const auto& one : sandboxes->living())
      if (one->state() == State::ready && one->image() == "sha256:new") ++current;
    return current == 2;
  }));
  CHECK(sandboxes->of_session(session) == used);
  CHECK(used->image() == "sha256:fake");
  for (const auto& one : sandboxes->living()) CHECK((one == used || one->image() == "sha256:new"));
}

TEST_CASE_FIXTURE(Pool, "an image that is gone for a while does not stop the looks for a new one") {
  begin(1);
  engine.image_fails = make_error(ErrorKind::not_found, "No such image");
  engine.create_fails = engine.image_fails;
  CHECK(ready("s1").has_error());
  int looks = 0;
  engine.on_call = [&](const std::string& call, const std::string&) {
    if (call == "image") ++looks;
    return Fault{};
  };
  REQUIRE(tended_until([&] { return looks >= 3; }));
  engine.image_fails.reset();
  engine.create_fails.reset();
  engine.image_id = "sha256:new";
  REQUIRE(tended_until([&] {
    const auto all = sandboxes->living();
    return all.size() == 1 && all.front()->image() == "sha256:new" && all.front()->state() == State::ready;
  }));
}

TEST_CASE_FIXTURE(Pool, "it is made smaller, larger, and drained") {
  begin(3);
  sandboxes->resize_pool(1);
  REQUIRE(run_until(loop, [&] { return sandboxes->living().size() == 1; }));
  sandboxes->resize_pool(4);
  REQUIRE(run_until(loop, [&] { return sandboxes->pool().ready == 4; }));
  const std::string offered = sandboxes->propose_session();
  CHECK(sandboxes->drain_pool(Reason::admin) == 3);
  REQUIRE(run_until(loop, [&] { return sandboxes->pool().ready == 4; }));
  CHECK(ready(offered).has_value());
  sandboxes->resize_pool(0);
  sandboxes->end_session(offered, Reason::logout);
  CHECK(nothing_left());
}

TEST_CASE_FIXTURE(Pool, "all join the holder's network; a lost holder is replaced") {
  begin(1, true);
  REQUIRE(holders() == 1);
  const std::string holder = holder_joined_last();
  engine.tell("die", holder);
  engine.containers.erase(holder);
  REQUIRE(tended_until([&] { return holders() == 1; }));
  REQUIRE(ready("s1").has_value());
  CHECK(holder_joined_last() != holder);
}

TEST_CASE_FIXTURE(Pool, "a holder that has lived is replaced at once, one that has not only after a pause") {
  for (const bool lived : {true, false}) {
    CAPTURE(lived);
    options.refills = {3600s, 3600s, lived ? 0s : 3600s};
    begin(0, true);
    const std::string holder = engine.containers.begin()->first;
    engine.tell("die", holder);
    engine.containers.erase(holder);
    for (int count = 0; count < 10; ++count) {
      sandboxes->tend();
      loop.restart();
      loop.poll();
    }
    CHECK(holders() == (lived ? 1 : 0));
    engine.containers.clear();
  }
}

TEST_CASE_FIXTURE(Pool, "a warm one that breaks down young is replaced after a pause, an older one at once") {
  for (const bool young : {true, false}) {
    CAPTURE(young);
    options.refills = {3600s, 3600s, young ? 3600s : 0s};
    begin(1);
    const std::size_t before = engine.created.size();
    const std::string id = engine.containers.begin()->first;
    engine.die(id, 139);
    REQUIRE(
        run_until(loop, [&] { return !engine.containers.contains(id) && sandboxes->living().size() < 2; }));
    if (!young) REQUIRE(run_until(loop, [&] { return sandboxes->pool().ready == 1; }));
    for (int count = 0; count < 10; ++count) {
      sandboxes->tend();
      loop.restart();
      loop.poll();
    }
    CHECK(engine.created.size() == before + (young ? 0 : 1));
    sandboxes->resize_pool(0);
    REQUIRE(nothing_left());
  }
}

TEST_CASE_FIXTURE(Pool,
                  "one that fails before its maker knows it does not take a place in the pool for ever") {
  options.refills = {0s, 0s, 3600s};
  begin(0);
  // Nothing is waited for: its whole life is over when the call that began it returns.
  engine.create_fails = make_error(ErrorKind::internal, "no space left on device");
  sandboxes->resize_pool(1);
  for (int count = 0; count < 10; ++count) {
    sandboxes->tend();
    loop.restart();
    loop.poll();
  }
  engine.create_fails.reset();
  CHECK(tended_until([&] { return sandboxes->pool().ready == 1; }));
}

TEST_CASE_FIXTURE(Pool, "a holder whose loss nobody told costs no start") {
  begin(0, true);
  const std::string holder = engine.containers.begin()->first;
  engine.containers.erase(holder);
  REQUIRE(ready("s1").has_value());
  CHECK(engine.created.back().network_of.empty());
  CHECK(engine.containers.size() == 1);
  REQUIRE(tended_until([&] { return holders() == 1; }));
}

TEST_CASE_FIXTURE(Pool, "a start that fails for another reason does not cost the holder") {
  begin(0, true);
  const std::string holder = engine.containers.begin()->first;
  engine.create_fails = make_error(ErrorKind::internal, "no space left on device");
  CHECK(ready("s1").has_error());
  engine.create_fails.reset();
  REQUIRE(ready("s1").has_value());
  CHECK(holder_joined_last() == holder);
  CHECK(holders() == 1);
}

TEST_CASE_FIXTURE(Pool, "a new daemon adopts the holder") {
  begin(0, true);
  const std::string holder = engine.containers.begin()->first;
  auto changed = options;
  changed.share_network = true;
  sandboxes->leave();
  start_over(changed);
  adopt_now();
  CHECK(holders() == 1);
  REQUIRE(ready("s1").has_value());
  CHECK(holder_joined_last() == holder);
}

TEST_CASE_FIXTURE(Pool, "the pool is not filled before it is known what an earlier daemon left") {
  start_over(options);
  sandboxes->resize_pool(1);
  loop.restart();
  loop.poll();
  CHECK(sandboxes->living().empty());
  adopt_now();
  CHECK(run_until(loop, [&] { return sandboxes->pool().ready == 1; }));
}
