#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <memory>
#include <set>
#include <utility>

namespace carrel {

/// Wakes every coroutine that waits for something to change; each then looks for itself. One thread (the
/// executor's). The coroutines may outlive it.
class Bell {
 public:
  explicit Bell(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

  void ring() {
    for (auto* timer : *waiting_) timer->cancel();
  }

  [[nodiscard]] std::size_t waiting() const noexcept { return waiting_->size(); }

  /// Suspends until the bell rings or `deadline` passed.
  boost::asio::awaitable<void> wait_until(std::chrono::steady_clock::time_point deadline) {
    using namespace boost::asio;
    Place place(waiting_, executor_, deadline);
    auto ignored = co_await place.timer.async_wait(as_tuple(use_awaitable));
    static_cast<void>(ignored);
  }

 private:
  using Timers = std::set<boost::asio::steady_timer*>;

  struct Place {
    Place(std::shared_ptr<Timers> timers, const boost::asio::any_io_executor& executor,
          std::chrono::steady_clock::time_point deadline)
        : all(std::move(timers)), timer(executor, deadline) {
      all->insert(&timer);
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() { all->erase(&timer); }

    std::shared_ptr<Timers> all;
    boost::asio::steady_timer timer;
  };

  boost::asio::any_io_executor executor_;
  std::shared_ptr<Timers> waiting_ = std::make_shared<Timers>();
};

}  // namespace carrel
