#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

namespace carrel::test {

/// Runs the context until a condition holds; false when it does not within the deadline.
template <class Condition>
bool run_until(boost::asio::io_context& io, Condition holds,
               std::chrono::seconds deadline = std::chrono::seconds(20)) {
  const auto end = std::chrono::steady_clock::now() + deadline;
  auto work = boost::asio::make_work_guard(io);
  io.restart();
  while (!holds()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    io.run_one_for(std::chrono::milliseconds(50));
  }
  return true;
}

/// The result of a coroutine, run to its end on this thread.
template <class T>
T run(boost::asio::io_context& io, boost::asio::awaitable<T> work) {
  std::optional<T> result;
  std::exception_ptr thrown;
  bool ended = false;
  boost::asio::co_spawn(io, std::move(work), [&](std::exception_ptr error, T value) {
    thrown = error;
    ended = true;
    if (!error) result.emplace(std::move(value));
  });
  if (!run_until(io, [&] { return ended; }, std::chrono::seconds(60))) {
    throw std::runtime_error("the coroutine did not end");
  }
  if (thrown) std::rethrow_exception(thrown);
  return std::move(*result);
}

}  // namespace carrel::test
