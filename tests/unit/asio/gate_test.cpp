#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>
#include <vector>

#include "orchestrator/lib/asio/gate.hpp"

using carrel::Gate;
using carrel::OneShot;
namespace asio = boost::asio;

namespace {

struct Visit {
  int number;
  Gate* gate;
  OneShot<bool>* may_leave;
  std::vector<int>* came;
};

asio::awaitable<void> visit(const Visit* visit) {
  const Gate::Permit permit = co_await visit->gate->enter();
  visit->came->push_back(visit->number);
  const bool told = co_await visit->may_leave->wait_until(std::chrono::steady_clock::time_point::max());
  static_cast<void>(told);
}

}  // namespace

TEST_CASE("so many are let in, the others in the order in which they came") {
  asio::io_context loop;
  Gate gate(loop.get_executor(), 2);
  std::vector<int> came;
  std::vector<std::unique_ptr<OneShot<bool>>> leave;
  std::vector<Visit> visits;
  visits.reserve(5);
  for (int number = 0; number < 5; ++number) {
    leave.push_back(std::make_unique<OneShot<bool>>(loop.get_executor()));
    visits.push_back(Visit{number, &gate, leave.back().get(), &came});
    asio::co_spawn(loop, visit(&visits.back()), asio::detached);
  }
  loop.poll();
  CHECK(came == std::vector{0, 1});
  CHECK(gate.waiting() == 3);
  leave[1]->set(true);
  loop.poll();
  CHECK(came == std::vector{0, 1, 2});
  for (const auto& one : leave) one->set(true);
  loop.restart();
  loop.run();
  CHECK(came == std::vector{0, 1, 2, 3, 4});
  CHECK(gate.waiting() == 0);
}

TEST_CASE("a permit may outlive its gate") {
  asio::io_context loop;
  std::optional<Gate> gate(std::in_place, loop.get_executor(), 1);
  OneShot<bool> leave(loop.get_executor());
  std::vector<int> came;
  const Visit only{7, &*gate, &leave, &came};
  asio::co_spawn(loop, visit(&only), asio::detached);
  loop.poll();
  gate.reset();
  leave.set(true);
  loop.run();
  CHECK(came == std::vector{7});
}
