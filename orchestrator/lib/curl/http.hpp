#pragma once

#include <boost/system/result.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace carrel::curl {

/// One HTTP/1.1 exchange over a Unix socket.
struct Request {
  std::string method = "GET";
  std::string unix_socket;           ///< absolute path, at most 107 bytes
  std::string path;                  ///< with the query, percent-encoded already
  std::vector<std::string> headers;  ///< "Name: value"
  std::string body;
  std::chrono::milliseconds timeout{30'000};  ///< for all of it; zero: none
  std::chrono::milliseconds head_timeout{0};  ///< until the answer's head has come; zero: only `timeout`
  std::chrono::milliseconds connect_timeout{5'000};  ///< until connected; `timeout` when that is shorter
  std::size_t max_response_bytes = 4U << 20;  ///< of a body that is gathered, not of one that is streamed
};

struct Response {
  int status = 0;
  std::string body;
};

/// Why there is no whole answer. The message names neither socket nor purpose: the caller knows these.
struct Failure {
  enum class Cause {
    missing,    ///< no such socket
    refused,    ///< nobody listens
    forbidden,  ///< no permission for the socket
    timeout,    ///< a deadline of the request passed
    too_large,  ///< more than max_response_bytes, or an endless head
    broken,     ///< closed too early, or not HTTP
    busy,       ///< too many requests are pending already
    cancelled,  ///< by the caller
    stopped,    ///< the client was destroyed
    internal,   ///< anything else
  } cause = Cause::internal;
  std::string message;
};

/// Found by boost::system::result when value() is called on a failure: that is a bug in the caller.
[[noreturn]] inline void throw_exception_from_error(const Failure& failure, const boost::source_location&) {
  throw std::logic_error("unchecked failure: " + failure.message);
}

using Outcome = boost::system::result<Response, Failure>;

/// What a streamed answer tells. All are called by the client's executor, in order.
struct StreamHandlers {
  std::function<void()> on_head;  ///< a 2xx head has come
  std::function<void(std::string)> on_chunk;
  /// Last and once. With an answer outside 2xx its body is here; else the body is empty, the chunks had it.
  std::function<void(Outcome)> on_done;
};

}  // namespace carrel::curl
