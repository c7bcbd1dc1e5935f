#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <mutex>

#include "orchestrator/lib/curl/client.hpp"
#include "orchestrator/lib/curl/loop.hpp"
#include "orchestrator/lib/curl/sink.hpp"

namespace carrel::curl {

/// What the loop's side and the executor's side of one stream share. The loop's thread adds bytes while the
/// window has room; the executor takes them out and has the loop go on once half is free.
class Stream::State {
 public:
  State(boost::asio::any_io_executor io, StreamHandlers calls, std::size_t window, std::weak_ptr<Loop> loop)
      : executor(std::move(io)), handlers(std::move(calls)), window_(window), loop_(std::move(loop)) {}

  /// False when the window is full; resumes the transfer later.
  [[nodiscard]] bool reserve(std::size_t bytes);
  void release(std::size_t bytes);
  void cancel();

  const boost::asio::any_io_executor executor;
  StreamHandlers handlers;  ///< the executor's thread only, as the next two
  bool open = true;
  TransferId id = 0;

 private:
  const std::size_t window_;
  const std::weak_ptr<Loop> loop_;
  std::mutex mutex_;
  std::size_t queued_ = 0;
  bool paused_ = false;
};

[[nodiscard]] std::unique_ptr<Sink> make_stream_sink(std::shared_ptr<Stream::State> state);

}  // namespace carrel::curl
