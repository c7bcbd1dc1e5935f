#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>
#include <utility>

#include "base/error.hpp"

namespace carrel {

namespace detail {

template <class T>
boost::asio::awaitable<void> keep_result(boost::asio::awaitable<Result<T>> work,
                                         std::optional<Result<T>>* result) {
  Result<T> value = co_await std::move(work);
  result->emplace(std::move(value));
}

}  // namespace detail

/// Runs one coroutine to its end on a loop that does nothing else yet; rethrows what left it. Blocks.
template <class T>
Result<T> run_to_end(boost::asio::io_context& loop, boost::asio::awaitable<Result<T>> work) {
  std::optional<Result<T>> result;
  std::exception_ptr bug;
  boost::asio::co_spawn(loop, detail::keep_result(std::move(work), &result),
                        [&bug](std::exception_ptr error) { bug = error; });
  loop.run();
  loop.restart();
  if (bug) std::rethrow_exception(bug);
  return std::move(*result);
}

}  // namespace carrel
