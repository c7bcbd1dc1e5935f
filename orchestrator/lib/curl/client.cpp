#include "orchestrator/lib/curl/client.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>
#include <utility>

#include "orchestrator/lib/curl/loop.hpp"
#include "orchestrator/lib/curl/stream.hpp"

namespace carrel::curl {
namespace {

namespace asio = boost::asio;

/// The suspended caller. Lives in the executor's thread; whoever comes first, the answer or the cancellation,
/// takes the handler.
template <class Handler>
class Waiter : public std::enable_shared_from_this<Waiter<Handler>> {
 public:
  Waiter(Handler handler, const asio::any_io_executor& fallback)
      : handler_(std::move(handler)),
        executor_(asio::prefer(asio::any_io_executor(asio::get_associated_executor(*handler_, fallback)),
                               asio::execution::outstanding_work.tracked)) {}

  [[nodiscard]] const asio::any_io_executor& executor() const noexcept { return executor_; }

  void watch_cancellation(std::weak_ptr<Loop> loop, TransferId id, bool ends_transfer) {
    auto slot = asio::get_associated_cancellation_slot(*handler_);
    if (!slot.is_connected()) return;
    slot.assign([weak = this->weak_from_this(), loop = std::move(loop), id,
                 ends_transfer](asio::cancellation_type type) {
      const auto self = weak.lock();
      if (!self || type == asio::cancellation_type::none) return;
      const auto running = loop.lock();
      if (ends_transfer && running) running->cancel(id);
      // Not at once: the signal's sender does not expect the handler to run inside emit().
      asio::post(self->executor_,
                 [self] { self->complete(Failure{Failure::Cause::cancelled, "cancelled by the caller"}); });
    });
  }

  void complete(Outcome outcome) {
    if (!handler_) return;
    auto slot = asio::get_associated_cancellation_slot(*handler_);
    if (slot.is_connected()) slot.clear();
    Handler handler = std::move(*handler_);
    handler_.reset();
    std::move(handler)(std::move(outcome));
  }

 private:
  std::optional<Handler> handler_;
  asio::any_io_executor executor_;
};

template <class Handler>
class WaiterSink final : public Sink {
 public:
  explicit WaiterSink(std::shared_ptr<Waiter<Handler>> waiter) : waiter_(std::move(waiter)) {}

  bool streams() const noexcept override { return false; }
  void head() override {}
  bool chunk(std::string_view) override { return true; }

  void done(Outcome outcome) override {
    const asio::any_io_executor executor = waiter_->executor();
    // The waiter holds the coroutine: it must not die in the loop's thread.
    asio::post(executor, [waiter = std::move(waiter_), outcome = std::move(outcome)]() mutable {
      waiter->complete(std::move(outcome));
    });
  }

 private:
  std::shared_ptr<Waiter<Handler>> waiter_;
};

}  // namespace

Client::Client(asio::any_io_executor executor, Limits limits)
    : executor_(std::move(executor)),
      stream_window_(limits.stream_window),
      loop_(std::make_shared<Loop>(limits.pending)) {}

Client::~Client() {
  loop_->stop();
}

asio::awaitable<Outcome> Client::perform(Request request) {
  asio::use_awaitable_t<> token;
  return asio::async_initiate<asio::use_awaitable_t<>, void(Outcome)>(
      [this](auto handler, Request wanted) {
        using Handler = decltype(handler);
        const bool endless = wanted.timeout.count() == 0;
        auto waiter = std::make_shared<Waiter<Handler>>(std::move(handler), executor_);
        const auto id = loop_->submit(std::move(wanted), std::make_unique<WaiterSink<Handler>>(waiter));
        waiter->watch_cancellation(loop_, id, endless);
      },
      token, std::move(request));
}

std::unique_ptr<Stream> Client::stream(Request request, StreamHandlers handlers) {
  auto state = std::make_shared<Stream::State>(executor_, std::move(handlers), stream_window_, loop_);
  state->id = loop_->submit(std::move(request), make_stream_sink(state));
  return std::make_unique<Stream>(std::move(state));
}

}  // namespace carrel::curl
