#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>

#include "base/error.hpp"
#include "orchestrator/http/message.hpp"

/// HTTP/1.1 on a stream socket of any family, by Beast; the only place (with wire.cpp) that knows it.
namespace carrel::http {

struct WireLimits {
  std::uint32_t header_bytes = 0;
  std::uint32_t body_bytes = 0;
  std::chrono::seconds header_timeout{};
  std::chrono::seconds idle_timeout{};
};

/// The client is gone or never sent anything: nothing to answer.
struct Closed {};

class Wire {
 public:
  Wire(boost::asio::generic::stream_protocol::socket socket, const WireLimits& limits);

  /// The next request, or the problem document that answers a bad one (then close), or Closed.
  boost::asio::awaitable<std::variant<Request, Response, Closed>> read();

  /// Writes a whole response. False: the connection is of no more use.
  boost::asio::awaitable<bool> write(const Response& response, const Request* request, bool keep_alive);

  /// The head of an answer whose length nobody knows: it ends with the connection.
  boost::asio::awaitable<bool> begin(const Response& response, const Request& request);
  /// Some more of that answer.
  boost::asio::awaitable<bool> write_more(std::string text);
  /// Calls `heard` once, when the client hangs up or sends anything, or when the connection is closed here.
  void when_heard(std::function<void()> heard);

  /// The client sends no more and reads, most probably, no more either.
  [[nodiscard]] bool hung_up();

  /// Ends the connection so that the client gets all that was sent, even if it was still sending itself.
  boost::asio::awaitable<void> close_gracefully();

  /// Bytes that write() (and read(), answering an expectation) have put into the socket so far.
  [[nodiscard]] std::uint64_t sent() const noexcept { return sent_; }

  /// Makes read() return Closed if nothing of a request has come yet; otherwise does nothing.
  void end_wait();

  /// For the hand-over: no deadline of ours runs until the next read or write.
  [[nodiscard]] int native_handle();
  void abort();

 private:
  boost::asio::awaitable<bool> wait_for_bytes();
  /// Apart from read(), so that a connection that only waits has no parser.
  boost::asio::awaitable<std::variant<Request, Response, Closed>> read_request();

  boost::beast::basic_stream<boost::asio::generic::stream_protocol> stream_;
  boost::beast::flat_buffer
      buffer_;  ///< bounded: Beast limits a header, but not the trailers of a chunked body
  WireLimits limits_;
  std::uint64_t sent_ = 0;
  bool waiting_ = false;
};

}  // namespace carrel::http
