#include "orchestrator/observe/event_feed.hpp"

#include <algorithm>
#include <deque>
#include <set>
#include <utility>

namespace carrel::observe {

namespace asio = boost::asio;

struct EventFeed::State {
  std::deque<FeedEvent> events;
  std::uint64_t last_id = 0;
  bool closed = false;
  std::set<Listener*> listeners;
};

EventFeed::Listener::Listener(asio::any_io_executor executor, std::shared_ptr<State> state,
                              std::string session, std::uint64_t after)
    : executor_(std::move(executor)),
      state_(std::move(state)),
      session_(std::move(session)),
      seen_(after),
      news_(std::make_shared<OneShot<bool>>(executor_)) {
  state_->listeners.insert(this);
}

EventFeed::Listener::~Listener() {
  state_->listeners.erase(this);
}

asio::awaitable<std::vector<FeedEvent>> EventFeed::Listener::next(
    std::chrono::steady_clock::time_point deadline) {
  for (;;) {
    std::vector<FeedEvent> found = take();
    if (!found.empty() || over()) co_return found;
    const auto news = news_;
    const bool woken = co_await news->wait_until(deadline);
    if (!woken) co_return found;
  }
}

void EventFeed::Listener::end() {
  ended_ = true;
  wake();
}

bool EventFeed::Listener::over() const noexcept {
  return ended_ || state_->closed;
}

std::vector<FeedEvent> EventFeed::Listener::take() {
  std::vector<FeedEvent> found;
  for (const FeedEvent& event : state_->events) {
    if (event.id > seen_ && (session_.empty() || event.session == session_)) found.push_back(event);
  }
  seen_ = std::max(seen_, state_->last_id);
  return found;
}

void EventFeed::Listener::wake() {
  const auto heard = std::exchange(news_, std::make_shared<OneShot<bool>>(executor_));
  heard->set(true);
}

EventFeed::EventFeed(asio::any_io_executor executor, Bounds bounds)
    : executor_(std::move(executor)), bounds_(bounds), state_(std::make_shared<State>()) {
  // From the clock, so that who comes back after a restart with an id of before misses nothing.
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto since_1970 = std::chrono::duration_cast<std::chrono::microseconds>(now);
  state_->last_id = static_cast<std::uint64_t>(since_1970.count());
}

void EventFeed::publish(std::string type, std::string session, std::string data) {
  auto& events = state_->events;
  events.push_back(FeedEvent{++state_->last_id, std::move(type), std::move(session), std::move(data)});
  if (events.size() > bounds_.kept) events.pop_front();
  const std::string& whose = events.back().session;
  for (Listener* listener : state_->listeners) {
    if (listener->session_.empty() || listener->session_ == whose) listener->wake();
  }
}

std::shared_ptr<EventFeed::Listener> EventFeed::listen(std::string session,
                                                       std::optional<std::uint64_t> after) {
  if (state_->closed) return nullptr;
  std::size_t of_this = 0;
  std::size_t of_sessions = 0;
  for (const Listener* listener : state_->listeners) {
    of_this += listener->session_ == session ? 1U : 0U;
    of_sessions += listener->session_.empty() ? 0U : 1U;
  }
  if (session.empty() && of_this >= bounds_.of_all) return nullptr;
  const bool full = of_this >= bounds_.of_one_session || of_sessions >= bounds_.of_sessions;
  if (!session.empty() && full) return nullptr;
  return std::make_shared<Listener>(executor_, state_, std::move(session), after.value_or(state_->last_id));
}

void EventFeed::close() {
  state_->closed = true;
  for (Listener* listener : state_->listeners) listener->wake();
}

}  // namespace carrel::observe
