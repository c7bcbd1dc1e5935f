#include "orchestrator/store/store.hpp"

#include <doctest/doctest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <future>

#include "fixture.hpp"
#include "orchestrator/store/settings.hpp"

namespace asio = boost::asio;
using namespace carrel;
using store::Store;
using store::test::TemporaryDirectory;

namespace {

asio::awaitable<void> put(Store& store, std::string key, std::string value, bool fail_after,
                          Result<void>& outcome) {
  auto work = [key, value, fail_after](sqlite::Connection& db) -> Result<void> {
    auto set = store::set_setting(db, key, value);
    if (!set) return set;
    if (fail_after) return make_error(ErrorKind::invalid, "changed my mind");
    return {};
  };
  auto r = co_await store.write(work);
  outcome = r;
}

asio::awaitable<void> get(Store& store, std::string key, std::optional<std::string>& value) {
  auto work = [key](sqlite::Connection& db) { return store::get_setting(db, key); };
  auto r = co_await store.read(work);
  if (r.has_value()) value = *r;
}

asio::awaitable<void> write_through_reader(Store& store, Result<void>& outcome) {
  auto work = [](sqlite::Connection& db) { return store::set_setting(db, "a", "b"); };
  auto r = co_await store.read(work);
  outcome = r;
}

asio::awaitable<void> count_up(Store& store, int times) {
  for (int i = 0; i < times; ++i) {
    auto work = [](sqlite::Connection& db) -> Result<void> {
      auto before = store::get_setting(db, "n");
      if (!before) return before.error();
      const int n = before->has_value() ? std::stoi(**before) : 0;
      return store::set_setting(db, "n", std::to_string(n + 1));
    };
    auto r = co_await store.write(work);
    CHECK(r.has_value());
  }
}

asio::awaitable<void> read_until(Store& store, int target, int& seen) {
  while (seen < target) {
    std::optional<std::string> value;
    co_await get(store, "n", value);
    const int now = value ? std::stoi(*value) : 0;
    CHECK(now >= seen);
    seen = now;
  }
}

asio::awaitable<void> meet(Store& store, std::promise<void>& mine, std::shared_future<void> other, int& met) {
  auto work = [&mine, other](sqlite::Connection&) -> Result<int> {
    mine.set_value();
    return other.wait_for(std::chrono::seconds(20)) == std::future_status::ready ? 1 : 0;
  };
  auto r = co_await store.read(work);
  met += r.value();
}

template <class... Awaitables>
void run_all(Awaitables... awaitables) {
  asio::io_context io;
  (asio::co_spawn(io, std::move(awaitables), asio::detached), ...);
  io.run();
}

}  // namespace

TEST_CASE("a write is committed, a failed one leaves no trace, a reader cannot write") {
  const TemporaryDirectory home;
  const auto store = Store::open(home.path()).value();
  Result<void> outcome;
  run_all(put(*store, "a", "1", false, outcome));
  CHECK(outcome.has_value());
  run_all(put(*store, "a", "2", true, outcome));
  CHECK(outcome.error().kind == ErrorKind::invalid);
  run_all(write_through_reader(*store, outcome));
  CHECK(outcome.has_error());
  std::optional<std::string> value;
  run_all(get(*store, "a", value));
  CHECK(value == "1");
}

TEST_CASE("what was written is there after a restart") {
  const TemporaryDirectory home;
  Result<void> outcome;
  const std::string name = "Robert'); DROP TABLE settings;--";
  {
    const auto store = Store::open(home.path()).value();
    run_all(put(*store, name, "x", false, outcome));
  }
  const auto store = Store::open(home.path()).value();
  std::optional<std::string> value;
  run_all(get(*store, name, value));
  CHECK(value == "x");
}

TEST_CASE("writers do not lose each other's updates and readers see time go forward") {
  const TemporaryDirectory home;
  const auto store = Store::open(home.path()).value();
  int seen_a = 0;
  int seen_b = 0;
  run_all(count_up(*store, 20), count_up(*store, 20), read_until(*store, 40, seen_a),
          read_until(*store, 40, seen_b));
  CHECK(seen_a == 40);
  CHECK(seen_b == 40);
}

TEST_CASE("two readers work side by side") {
  const TemporaryDirectory home;
  const auto store = Store::open(home.path()).value();
  std::promise<void> a;
  std::promise<void> b;
  const auto a_came = a.get_future().share();
  const auto b_came = b.get_future().share();
  int met = 0;
  run_all(meet(*store, a, b_came, met), meet(*store, b, a_came, met));
  CHECK(met == 2);
}

TEST_CASE("a database of a newer version is refused by name") {
  const TemporaryDirectory home;
  Store::open(home.path()).value();
  {
    auto db = sqlite::Connection::open(home.path() / "carrel.db", sqlite::Access::read_write);
    db->execute("PRAGMA user_version = 12345").value();
  }
  const auto refused = Store::open(home.path());
  REQUIRE(refused.has_error());
  CHECK(refused.error().message.find("12345") != std::string::npos);
  CHECK(refused.error().message.find("carrel.db") != std::string::npos);
}
