#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>

namespace carrel {

/// A value that arrives once, awaited by any number of coroutines with a deadline each. One thread (the
/// executor's). Owners keep it in a shared_ptr when the awaiting side may go first.
template <class T>
class OneShot {
 public:
  explicit OneShot(boost::asio::any_io_executor executor) : executor_(std::move(executor)), wake_(executor_) {
    wake_.expires_at(std::chrono::steady_clock::time_point::max());
  }

  /// The first value stays; later ones are dropped.
  void set(T value) {
    if (value_) return;
    value_.emplace(std::move(value));
    wake_.cancel();
  }

  [[nodiscard]] bool is_set() const noexcept { return value_.has_value(); }
  [[nodiscard]] const std::optional<T>& value() const noexcept { return value_; }

  /// Suspends until there is a value or `deadline` passed; says whether there is one.
  boost::asio::awaitable<bool> wait_until(std::chrono::steady_clock::time_point deadline) {
    using namespace boost::asio;
    if (value_) co_return true;
    steady_timer limit(executor_, deadline);
    limit.async_wait([this, alive = std::weak_ptr<int>(alive_)](boost::system::error_code error) {
      if (!error && !alive.expired()) wake_.cancel();
    });
    while (!value_ && std::chrono::steady_clock::now() < deadline) {
      auto ignored = co_await wake_.async_wait(as_tuple(use_awaitable));
      static_cast<void>(ignored);
    }
    co_return value_.has_value();
  }

 private:
  boost::asio::any_io_executor executor_;
  boost::asio::steady_timer wake_;
  std::optional<T> value_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace carrel
