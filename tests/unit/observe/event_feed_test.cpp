#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>

#include "orchestrator/observe/event_feed.hpp"

using carrel::observe::EventFeed;
using carrel::observe::FeedEvent;
using Clock = std::chrono::steady_clock;
using Seen = std::optional<std::vector<FeedEvent>>;
namespace asio = boost::asio;

namespace {

asio::awaitable<void> follow(EventFeed* feed, std::uint64_t id, std::string session,
                             Clock::time_point deadline, Seen* seen) {
  std::vector<FeedEvent> found = co_await feed->after(id, std::move(session), deadline);
  seen->emplace(std::move(found));
}

std::string types(const Seen& seen) {
  std::string all;
  for (const auto& event : seen.value()) all += event.type;
  return all;
}

}  // namespace

TEST_CASE("what happened since is told at once, of one session or of all") {
  asio::io_context loop;
  EventFeed feed(loop.get_executor(), 3);
  feed.publish("a", "s1", "{}");
  feed.publish("b", "s2", "{}");
  Seen all;
  Seen mine;
  Seen rest;
  asio::co_spawn(loop, follow(&feed, 0, {}, Clock::now(), &all), asio::detached);
  asio::co_spawn(loop, follow(&feed, 0, "s2", Clock::now(), &mine), asio::detached);
  asio::co_spawn(loop, follow(&feed, 1, {}, Clock::now(), &rest), asio::detached);
  loop.run();
  CHECK(types(all) == "ab");
  CHECK(types(mine) == "b");
  CHECK(types(rest) == "b");
}

TEST_CASE("the oldest are dropped, and ids go on") {
  asio::io_context loop;
  EventFeed feed(loop.get_executor(), 2);
  for (const char* type : {"a", "b", "c"}) feed.publish(type, {}, "{}");
  Seen seen;
  asio::co_spawn(loop, follow(&feed, 0, {}, Clock::now(), &seen), asio::detached);
  loop.run();
  CHECK(types(seen) == "bc");
  CHECK(feed.last_id() == 3);
}

TEST_CASE("those who wait are woken by what is theirs, and by nothing else") {
  asio::io_context loop;
  EventFeed feed(loop.get_executor());
  Seen mine;
  Seen late;
  // An id of an earlier daemon is larger than any of ours.
  asio::co_spawn(loop, follow(&feed, 99, "s1", Clock::now() + std::chrono::hours(1), &mine), asio::detached);
  asio::co_spawn(loop, follow(&feed, 0, "s3", Clock::now() + std::chrono::milliseconds(20), &late),
                 asio::detached);
  loop.poll();
  feed.publish("a", "s2", "{}");
  loop.poll();
  CHECK_FALSE(mine);
  feed.publish("b", "s1", "{}");
  loop.run();
  CHECK(types(mine) == "b");
  CHECK(types(late).empty());
}
