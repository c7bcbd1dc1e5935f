#include "orchestrator/accounts/audit_log.hpp"

#include <doctest/doctest.h>

#include "harness.hpp"

using namespace carrel;
using namespace carrel::accounts;
using test::Harness;

namespace {

/// An audit log on the harness's clock.
struct Log {
  Harness harness;
  std::vector<std::string> errors;
  AuditLog log{harness.store(), harness.executor(),
               [this](const Error& error) { errors.push_back(error.message); },
               [this] { return harness.now; }};

  void record(const std::string& object) {
    log.record("carreld", "sandbox_evicted", object, "idle");
    harness.drain();
  }
};

}  // namespace

TEST_CASE("what is recorded is found page by page, the newest first") {
  Log log;
  for (const char* object : {"a", "b", "c"}) log.record(object);
  store::EventQuery query{.action = "sandbox_evicted", .limit = 2};
  const auto first = log.harness.run(log.log.find(query)).value();
  REQUIRE(first.events.size() == 2);
  CHECK(first.events[0].object == "c");
  CHECK(first.more);
  query.before = first.events.back().id;
  const auto second = log.harness.run(log.log.find(query)).value();
  REQUIRE(second.events.size() == 1);
  CHECK(second.events[0].object == "a");
  CHECK_FALSE(second.more);
  query = {.object = "b"};
  CHECK(log.harness.run(log.log.find(query)).value().events.size() == 1);
  query = {.since = log.harness.now + 1};
  CHECK(log.harness.run(log.log.find(query)).value().events.empty());
}

TEST_CASE("what is too old is deleted, and texts are bounded") {
  Log log;
  log.record("old");
  log.harness.now += 100;
  log.record(std::string(1000, 'x'));
  CHECK(log.harness.run(log.log.trim(std::chrono::seconds(100))).has_value());
  CHECK(log.harness.events().size() == 2);
  log.harness.now += 1;
  CHECK(log.harness.run(log.log.trim(std::chrono::seconds(100))).has_value());
  const auto left = log.harness.events();
  REQUIRE(left.size() == 1);
  CHECK(left[0].object == std::string(256, 'x'));
}

TEST_CASE("of what people did the newest stay though a clock says that all is old") {
  Log log;
  for (std::int64_t i = 0; i <= store::kept_events; ++i)
    log.log.record("anna", "login", std::to_string(i), "");
  log.harness.drain();
  log.record("sandbox");
  log.harness.now += 1'000'000;
  CHECK(log.harness.run(log.log.trim(std::chrono::seconds(100))).has_value());
  store::EventQuery all{.limit = 10'000};
  const auto left = log.harness.run(log.log.find(all)).value().events;
  REQUIRE(left.size() == static_cast<std::size_t>(store::kept_events));
  CHECK(left.front().object == std::to_string(store::kept_events));
  CHECK(left.back().object == "1");
}

TEST_CASE("what cannot be written is told") {
  Log log;
  log.harness.execute("CREATE TRIGGER no BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'no'); END");
  log.record("a");
  CHECK(log.errors.size() == 1);
}
