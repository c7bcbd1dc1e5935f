#include "orchestrator/lib/curl/stream.hpp"

#include <boost/asio/post.hpp>
#include <string>
#include <utility>

namespace carrel::curl {
namespace {

class StreamSink final : public Sink {
 public:
  explicit StreamSink(std::shared_ptr<Stream::State> state) : state_(std::move(state)) {}

  bool streams() const noexcept override { return true; }

  void head() override {
    boost::asio::post(state_->executor, [state = state_] {
      if (state->open) state->handlers.on_head();
    });
  }

  bool chunk(std::string_view bytes) override {
    if (!state_->reserve(bytes.size())) return false;
    boost::asio::post(state_->executor, [state = state_, text = std::string(bytes)]() mutable {
      state->release(text.size());
      if (state->open) state->handlers.on_chunk(std::move(text));
    });
    return true;
  }

  void done(Outcome outcome) override {
    const auto executor = state_->executor;
    // The handlers may hold anything of the executor's thread: they must not die in this one.
    boost::asio::post(executor, [state = std::move(state_), outcome = std::move(outcome)]() mutable {
      if (!std::exchange(state->open, false)) return;
      state->handlers.on_done(std::move(outcome));
    });
  }

 private:
  std::shared_ptr<Stream::State> state_;
};

}  // namespace

bool Stream::State::reserve(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  if (queued_ >= window_) {
    paused_ = true;
    return false;
  }
  queued_ += bytes;
  return true;
}

void Stream::State::release(std::size_t bytes) {
  {
    const std::lock_guard lock(mutex_);
    queued_ -= bytes;
    if (!paused_ || queued_ > window_ / 2) return;
    paused_ = false;
  }
  if (const auto running = loop_.lock()) running->resume(id);
}

void Stream::State::cancel() {
  if (const auto running = loop_.lock()) running->cancel(id);
}

std::unique_ptr<Sink> make_stream_sink(std::shared_ptr<Stream::State> state) {
  return std::make_unique<StreamSink>(std::move(state));
}

Stream::Stream(std::shared_ptr<State> state) noexcept : state_(std::move(state)) {}

Stream::~Stream() {
  if (std::exchange(state_->open, false)) state_->cancel();
}

}  // namespace carrel::curl
