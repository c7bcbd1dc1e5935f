#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <memory>

#include "orchestrator/lib/curl/http.hpp"

namespace carrel::curl {

class Loop;

/// A streamed answer under way. Destroying it (in the executor's thread, also from its own handlers) ends the
/// transfer; no handler is called after that.
class Stream {
 public:
  class State;

  explicit Stream(std::shared_ptr<State> state) noexcept;
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

 private:
  std::shared_ptr<State> state_;
};

/// Speaks HTTP through libcurl on one thread of its own, so that nothing it does can hold up the executor.
/// Its functions are called in the executor's thread, where their results arrive too. Destroy it before the
/// executor's context: everything pending then ends as `stopped`, within milliseconds.
class Client {
 public:
  struct Limits {
    std::size_t pending = 256;  ///< requests at once; further ones fail with `busy`
    std::size_t stream_window =
        1U << 20;  ///< bytes of one stream that wait for the executor; then curl stops reading
  };

  Client(boost::asio::any_io_executor executor, Limits limits);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// The answer, whatever its status. When the awaiting coroutine is cancelled it goes on with `cancelled`;
  /// the exchange goes on as well, unless the request has no `timeout`: then it is ended.
  [[nodiscard]] boost::asio::awaitable<Outcome> perform(Request request);

  /// `max_response_bytes` bounds only the body of an answer outside 2xx.
  [[nodiscard]] std::unique_ptr<Stream> stream(Request request, StreamHandlers handlers);

 private:
  boost::asio::any_io_executor executor_;
  std::size_t stream_window_;
  std::shared_ptr<Loop> loop_;
};

}  // namespace carrel::curl
