#include "orchestrator/observe/event_feed.hpp"

#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <vector>

using namespace carrel;
using namespace carrel::observe;

namespace {

constexpr auto kForever = std::chrono::steady_clock::time_point::max();
using Listener = std::shared_ptr<EventFeed::Listener>;

boost::asio::awaitable<void> take_all(Listener listener, std::vector<std::string>* heard) {
  while (!listener->over()) {
    const std::vector<FeedEvent> news = co_await listener->next(kForever);
    for (const auto& event : news) heard->push_back(event.data);
  }
}

/// What is there for a listener without waiting.
std::vector<std::string> there(boost::asio::io_context& loop, const Listener& listener) {
  std::vector<std::string> heard;
  boost::asio::co_spawn(
      loop,
      [](Listener one, std::vector<std::string>* found) -> boost::asio::awaitable<void> {
        const std::vector<FeedEvent> news = co_await one->next(std::chrono::steady_clock::time_point::min());
        for (const auto& event : news) found->push_back(event.data);
      }(listener, &heard),
      boost::asio::detached);
  loop.run();
  loop.restart();
  return heard;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a session hears of itself, an administrator of everything, as it happens") {
  boost::asio::io_context loop(1);
  EventFeed feed(loop.get_executor());
  Texts all;
  Texts own;
  const auto admin = feed.listen({}, std::nullopt);
  const auto viewer = feed.listen("a", std::nullopt);
  boost::asio::co_spawn(loop, take_all(admin, &all), boost::asio::detached);
  boost::asio::co_spawn(loop, take_all(viewer, &own), boost::asio::detached);
  loop.poll();
  feed.publish("t", "a", "1");
  feed.publish("t", "b", "2");
  feed.publish("t", "", "3");
  loop.poll();
  CHECK(all == Texts{"1", "2", "3"});
  CHECK(own == Texts{"1"});
  feed.close();
  loop.run();
  CHECK(admin->over());
  CHECK(feed.listen({}, std::nullopt) == nullptr);
}

TEST_CASE("who comes back hears what was missed, as far as it is kept, also of a later daemon") {
  boost::asio::io_context loop(1);
  EventFeed earlier(loop.get_executor());
  earlier.publish("t", "", "before the restart");
  EventFeed feed(loop.get_executor(), {.kept = 2});
  for (const char* data : {"1", "2", "3"}) feed.publish("t", "", data);
  CHECK(there(loop, feed.listen({}, 0)) == Texts{"2", "3"});
  CHECK(there(loop, feed.listen({}, std::nullopt)).empty());
}

TEST_CASE("listeners are counted, of a session and in all") {
  boost::asio::io_context loop(1);
  auto feed = std::make_unique<EventFeed>(
      loop.get_executor(), EventFeed::Bounds{.kept = 8, .of_all = 1, .of_sessions = 3, .of_one_session = 2});
  auto first = feed->listen("a", std::nullopt);
  auto second = feed->listen("a", std::nullopt);
  CHECK(feed->listen("a", std::nullopt) == nullptr);
  auto third = feed->listen("b", std::nullopt);
  CHECK(feed->listen("c", std::nullopt) == nullptr);
  auto admin = feed->listen({}, std::nullopt);
  REQUIRE(admin);
  CHECK(feed->listen({}, std::nullopt) == nullptr);
  first.reset();
  auto again = feed->listen("c", std::nullopt);
  CHECK(again);
  // The feed may go first.
  feed.reset();
  again.reset();
}
