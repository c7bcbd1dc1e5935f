#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

namespace carrel {

/// Starts a coroutine that nobody waits for. An exception that leaves it is a bug: it is logged with `what`
/// (a string literal), and only that coroutine ends.
void spawn(boost::asio::any_io_executor executor, boost::asio::awaitable<void> coroutine, const char* what);

}  // namespace carrel
