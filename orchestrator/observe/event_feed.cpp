#include "orchestrator/observe/event_feed.hpp"

#include <utility>

namespace carrel::observe {

namespace asio = boost::asio;

EventFeed::EventFeed(asio::any_io_executor executor, std::size_t most)
    : executor_(std::move(executor)), most_(most), news_(std::make_shared<OneShot<bool>>(executor_)) {}

void EventFeed::publish(std::string type, std::string session, std::string data) {
  events_.push_back(FeedEvent{++last_id_, std::move(type), std::move(session), std::move(data)});
  if (events_.size() > most_) events_.pop_front();
  const auto heard = std::exchange(news_, std::make_shared<OneShot<bool>>(executor_));
  heard->set(true);
}

asio::awaitable<std::vector<FeedEvent>> EventFeed::after(std::uint64_t id, std::string session,
                                                         std::chrono::steady_clock::time_point deadline) {
  for (;;) {
    std::vector<FeedEvent> found = kept_after(id, session);
    if (!found.empty()) co_return found;
    id = last_id_;
    const auto news = news_;
    const bool more = co_await news->wait_until(deadline);
    if (!more) co_return found;
  }
}

std::vector<FeedEvent> EventFeed::kept_after(std::uint64_t id, const std::string& session) const {
  std::vector<FeedEvent> found;
  for (const FeedEvent& event : events_) {
    if (event.id > id && (session.empty() || event.session == session)) found.push_back(event);
  }
  return found;
}

}  // namespace carrel::observe
