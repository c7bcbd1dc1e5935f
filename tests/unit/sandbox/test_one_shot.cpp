#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "orchestrator/lib/asio/one_shot.hpp"

using carrel::OneShot;
using Clock = std::chrono::steady_clock;
namespace asio = boost::asio;

namespace {

asio::awaitable<void> wait(OneShot<int>* shot, Clock::time_point deadline, int* seen) {
  const bool there = co_await shot->wait_until(deadline);
  *seen = there ? *shot->value() : -1;
}

}  // namespace

TEST_CASE("a value wakes everybody who waits, and those who come later do not wait") {
  asio::io_context loop;
  OneShot<int> shot(loop.get_executor());
  int first = 0;
  int second = 0;
  int late = 0;
  asio::co_spawn(loop, wait(&shot, Clock::time_point::max(), &first), asio::detached);
  asio::co_spawn(loop, wait(&shot, Clock::now() + std::chrono::hours(1), &second), asio::detached);
  asio::post(loop, [&] {
    shot.set(7);
    shot.set(8);
    asio::co_spawn(loop, wait(&shot, Clock::now(), &late), asio::detached);
  });
  loop.run();
  CHECK(first == 7);
  CHECK(second == 7);
  CHECK(late == 7);
}

TEST_CASE("a deadline ends one wait and not the others") {
  asio::io_context loop;
  OneShot<int> shot(loop.get_executor());
  int patient = 0;
  int hasty = 0;
  asio::co_spawn(loop, wait(&shot, Clock::now() + std::chrono::hours(1), &patient), asio::detached);
  asio::co_spawn(loop, wait(&shot, Clock::now() + std::chrono::milliseconds(5), &hasty), asio::detached);
  while (hasty == 0) loop.run_one();
  CHECK(hasty == -1);
  CHECK(patient == 0);
  shot.set(3);
  loop.run();
  CHECK(patient == 3);
}
