#include "orchestrator/lib/asio/work_pool.hpp"

#include <doctest/doctest.h>
#include <atomic>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <future>
#include <optional>

namespace asio = boost::asio;
using carrel::ErrorKind;
using carrel::offload;
using carrel::Result;
using carrel::WorkPool;

namespace {

struct Probe {
  std::thread::id worked_on;
  std::thread::id resumed_on;
  std::optional<Result<std::string>> result;
};

asio::awaitable<void> ask(WorkPool& pool, Probe& probe, std::string text) {
  auto work = [&probe, text]() -> Result<std::string> {
    probe.worked_on = std::this_thread::get_id();
    return text + text;
  };
  auto r = co_await offload(pool, work);
  probe.resumed_on = std::this_thread::get_id();
  probe.result = std::move(r);
}

asio::awaitable<void> ask_throwing(WorkPool& pool, std::optional<Result<void>>& result) {
  auto work = []() -> Result<void> { throw std::runtime_error("disk on fire"); };
  auto r = co_await offload(pool, work);
  result = r;
}

asio::awaitable<void> ask_gated(WorkPool& pool, std::shared_future<void> gate, std::vector<int>& kinds) {
  auto work = [gate]() -> Result<int> {
    gate.wait();
    return -1;
  };
  auto r = co_await offload(pool, work);
  kinds.push_back(r.has_value() ? *r : static_cast<int>(r.error().kind));
}

}  // namespace

TEST_CASE("work runs on the pool and the coroutine goes on where it was") {
  asio::io_context io;
  WorkPool pool(2, 8);
  std::vector<Probe> probes(6);
  for (auto& probe : probes) asio::co_spawn(io, ask(pool, probe, "ab"), asio::detached);
  io.run();
  for (const auto& probe : probes) {
    REQUIRE(probe.result);
    CHECK(probe.result->value() == "abab");
    CHECK(probe.worked_on != std::this_thread::get_id());
    CHECK(probe.resumed_on == std::this_thread::get_id());
  }
}

TEST_CASE("an exception in the work is an internal error") {
  asio::io_context io;
  WorkPool pool(1, 1);
  std::optional<Result<void>> result;
  asio::co_spawn(io, ask_throwing(pool, result), asio::detached);
  io.run();
  REQUIRE(result);
  REQUIRE(result->has_error());
  CHECK(result->error().kind == ErrorKind::internal);
  CHECK(result->error().message.find("disk on fire") != std::string::npos);
}

TEST_CASE("beyond the bound the answer is busy, and the rest is done") {
  asio::io_context io;
  WorkPool pool(1, 2);
  std::promise<void> gate;
  const std::shared_future<void> opened = gate.get_future().share();
  std::vector<int> kinds;
  for (int i = 0; i < 5; ++i) asio::co_spawn(io, ask_gated(pool, opened, kinds), asio::detached);
  while (kinds.size() < 2) io.run_one();
  const std::vector<int> refused(2, static_cast<int>(ErrorKind::busy));
  CHECK(kinds == refused);
  gate.set_value();
  io.run();
  CHECK(kinds.size() == 5);
  CHECK(kinds.back() == -1);
}

TEST_CASE("destruction finishes what was queued") {
  asio::io_context io;
  std::vector<int> kinds;
  std::promise<void> gate;
  const std::shared_future<void> opened = gate.get_future().share();
  {
    WorkPool pool(1, 8);
    for (int i = 0; i < 4; ++i) asio::co_spawn(io, ask_gated(pool, opened, kinds), asio::detached);
    io.poll();
    gate.set_value();
  }
  io.run();
  const std::vector<int> all_done(4, -1);
  CHECK(kinds == all_done);
}

TEST_CASE("a cancelled waiter is resumed after the work, never before") {
  asio::io_context io;
  WorkPool pool(1, 2);
  std::promise<void> gate;
  const std::shared_future<void> opened = gate.get_future().share();
  std::vector<int> kinds;
  asio::cancellation_signal signal;
  bool ended = false;
  auto on_end = asio::bind_cancellation_slot(signal.slot(), [&ended](std::exception_ptr) { ended = true; });
  asio::co_spawn(io, ask_gated(pool, opened, kinds), on_end);
  io.poll();
  signal.emit(asio::cancellation_type::all);
  io.poll();
  CHECK_FALSE(ended);
  gate.set_value();
  io.run();
  CHECK(ended);
}

TEST_CASE("a waiter that is destroyed with its io_context leaves nothing behind") {
  std::vector<int> kinds;
  asio::io_context io;
  std::promise<void> gate;
  {
    WorkPool pool(1, 2);
    asio::co_spawn(io, ask_gated(pool, gate.get_future().share(), kinds), asio::detached);
    io.poll();
    gate.set_value();
  }
  CHECK(kinds.empty());
}
