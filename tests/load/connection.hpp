#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/verb.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "tests/load/playhead.hpp"

namespace carrel::load {

struct Answer {
  unsigned status = 0;
  std::string body;  ///< empty for what is only counted
  std::string location;
  std::string cookie;
  std::uint64_t bytes = 0;
  double first_byte = 0;  ///< seconds from the request to the answer's head
  double whole = 0;       ///< seconds from the request to its last byte
};

/// How a client is connected.
struct Line {
  boost::asio::ip::tcp::endpoint from;  ///< port 0; each viewer has an address of its own, as at home
  boost::asio::ip::tcp::endpoint to;
  double bytes_per_second = 0;                          ///< 0: as fast as it goes
  Clock::duration patience = std::chrono::seconds(30);  ///< with a whole answer
};

/// One kept-alive connection of a browser, opened when it is needed. One request at a time; all on one
/// thread.
class Connection {
 public:
  Connection(boost::asio::any_io_executor executor, Line line);

  /// With a body, POST. What is `counted` is thrown away as it comes.
  /// Errors: unavailable (the connection broke, or abort()), timeout.
  boost::asio::awaitable<Result<Answer>> fetch(std::string path, std::string body, bool counted);

  /// What is being fetched ends with an error; the next fetch() connects anew.
  void abort();

  std::string cookie;

 private:
  boost::asio::awaitable<Result<Answer>> try_fetch(const std::string& path, const std::string& body,
                                                   bool counted);
  boost::asio::awaitable<void> open();
  boost::asio::awaitable<void> take_time(std::uint64_t bytes);
  /// So many bytes of the connection, never copied out of the kernel: what a viewer does with a film is not
  /// what is measured here.
  boost::asio::awaitable<void> discard(std::uint64_t bytes);

  Line line_;
  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer timer_;
  boost::beast::flat_buffer buffer_;
  Clock::time_point due_{};  ///< when a slow line has passed on what was read
  std::uint64_t generation_ =
      0;  ///< of the socket: aborted in the middle of a wait, it must not be used any more
};

}  // namespace carrel::load
