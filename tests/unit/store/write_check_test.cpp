#include "orchestrator/store/write_check.hpp"

#include <doctest/doctest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <future>
#include <optional>

#include "fixture.hpp"

using namespace carrel;
using namespace carrel::store;
namespace asio = boost::asio;

namespace {

asio::awaitable<void> keep(WriteCheck& check, std::optional<Result<void>>& answer) {
  auto said = co_await check.ask();
  answer.emplace(said);
}

struct Bench {
  test::TemporaryDirectory directory;
  std::unique_ptr<Store> store = Store::open(directory.path()).value();
  asio::io_context loop;

  Result<void> ask(WriteCheck& check) {
    std::optional<Result<void>> answer;
    asio::co_spawn(loop, keep(check, answer), [](std::exception_ptr bug) {
      if (bug) std::rethrow_exception(bug);
    });
    loop.restart();
    while (!answer) REQUIRE(loop.run_one_for(std::chrono::seconds(30)) == 1);
    return *answer;
  }
  void execute(const std::string& sql) {
    auto db = sqlite::Connection::open(directory.path() / "carrel.db", sqlite::Access::read_write).value();
    db.execute(sql).value();
  }
};

constexpr const char* forbid =
    "CREATE TRIGGER no BEFORE INSERT ON settings BEGIN SELECT RAISE(ABORT, 'no'); END";

}  // namespace

TEST_CASE("a database that takes no writes is found out, and when it does again too") {
  Bench bench;
  WriteCheck check(*bench.store, bench.loop.get_executor(),
                   {.fresh = std::chrono::seconds(0), .patience = std::chrono::seconds(30)});
  CHECK(bench.ask(check).has_value());
  bench.execute(forbid);
  CHECK(bench.ask(check).has_error());
  bench.execute("DROP TRIGGER no");
  CHECK(bench.ask(check).has_value());
  bench.store.reset();
}

TEST_CASE("one write answers everybody for a while") {
  Bench bench;
  WriteCheck check(*bench.store, bench.loop.get_executor(),
                   {.fresh = std::chrono::hours(1), .patience = std::chrono::seconds(30)});
  CHECK(bench.ask(check).has_value());
  bench.execute(forbid);
  CHECK(bench.ask(check).has_value());
  bench.store.reset();
}

TEST_CASE("a write that does not end is no readiness") {
  Bench bench;
  std::promise<void> gate;
  WriteCheck check(*bench.store, bench.loop.get_executor(),
                   {.fresh = std::chrono::seconds(0), .patience = std::chrono::seconds(0)});
  asio::co_spawn(
      bench.loop,
      [](Store& store, std::shared_future<void> open) -> asio::awaitable<void> {
        auto block = [open](sqlite::Connection&) -> Result<void> {
          open.wait();
          return {};
        };
        auto done = co_await store.write(block);
        CHECK(done.has_value());
      }(*bench.store, gate.get_future().share()),
      [](std::exception_ptr) {});
  CHECK(bench.ask(check).error().kind == ErrorKind::timeout);
  gate.set_value();
  bench.loop.run();
  bench.store.reset();
}
