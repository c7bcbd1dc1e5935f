#include "orchestrator/sandbox/docker/event_stream.hpp"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "orchestrator/sandbox/docker/lines.hpp"
#include "orchestrator/sandbox/docker/parse.hpp"
#include "orchestrator/sandbox/docker/paths.hpp"

namespace carrel::sandbox::docker {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kFirstDelay{100};
constexpr std::chrono::milliseconds kLongestDelay{10'000};
constexpr std::size_t kLongestLine = 256U << 10;

/// "1700000000.000000123": the engine sends the head before it begins to listen, and what happens in between
/// is only found by asking from a time on.
std::string now_as_since() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
  std::string fraction =
      std::to_string(std::chrono::duration_cast<std::chrono::nanoseconds>(now - seconds).count());
  fraction.insert(0, 9 - fraction.size(), '0');
  return std::to_string(seconds.count()) + "." + fraction;
}

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<Api> api, Labels labels, std::function<void(EngineEvent)> on_event,
             std::function<void()> on_gap)
      : api_(std::move(api)),
        labels_(std::move(labels)),
        on_event_(std::move(on_event)),
        on_gap_(std::move(on_gap)),
        timer_(api_->executor()) {}

  void open() {
    lines_ = Lines(kLongestLine);
    started_ = Clock::now();
    curl::StreamHandlers handlers;
    handlers.on_head = [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->connected();
    };
    handlers.on_chunk = [weak = weak_from_this()](const std::string& bytes) {
      if (const auto self = weak.lock()) self->take(bytes);
    };
    handlers.on_done = [weak = weak_from_this()](const curl::Outcome& outcome) {
      if (const auto self = weak.lock()) self->ended(outcome);
    };
    const std::string filters = label_filters(labels_, "container");
    stream_ = api_->stream("/events?since=" + now_as_since() + "&filters=" + filters, std::move(handlers));
  }

  void close() {
    closed_ = true;
    stream_.reset();
    timer_.cancel();
  }

 private:
  void connected() {
    api_->note(curl::Response{200, {}});
    on_gap_();
  }

  void take(const std::string& bytes) {
    std::vector<std::string> complete;
    bool sensible = lines_.add(bytes, complete);
    for (const std::string& line : complete) {
      auto event = parse_event(line);
      sensible = sensible && event.has_value();
      if (!sensible) break;
      on_event_(std::move(*event));
      if (closed_) return;
    }
    if (!sensible) retry();
  }

  void ended(const curl::Outcome& outcome) {
    // An events stream that an engine's stop cuts short is no sign of a fault; the next try tells.
    if (outcome.has_error() && outcome.error().cause != curl::Failure::Cause::broken) api_->note(outcome);
    retry();
  }

  void retry() {
    stream_.reset();
    if (Clock::now() - started_ > kLongestDelay) delay_ = kFirstDelay;
    timer_.expires_after(delay_);
    delay_ = std::min(delay_ * 2, kLongestDelay);
    timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& cancelled) {
      const auto self = weak.lock();
      if (self && !cancelled && !self->closed_) self->open();
    });
  }

  const std::shared_ptr<Api> api_;
  const Labels labels_;
  const std::function<void(EngineEvent)> on_event_;
  const std::function<void()> on_gap_;
  boost::asio::steady_timer timer_;
  std::chrono::milliseconds delay_ = kFirstDelay;
  Clock::time_point started_;
  Lines lines_{kLongestLine};
  std::unique_ptr<curl::Stream> stream_;
  bool closed_ = false;
};

class EventSubscription final : public Engine::Subscription {
 public:
  explicit EventSubscription(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}
  ~EventSubscription() override { connection_->close(); }

 private:
  std::shared_ptr<Connection> connection_;
};

}  // namespace

std::unique_ptr<Engine::Subscription> subscribe(std::shared_ptr<Api> api, Labels with_labels,
                                                std::function<void(EngineEvent)> on_event,
                                                std::function<void()> on_gap) {
  auto connection = std::make_shared<Connection>(std::move(api), std::move(with_labels), std::move(on_event),
                                                 std::move(on_gap));
  connection->open();
  return std::make_unique<EventSubscription>(std::move(connection));
}

}  // namespace carrel::sandbox::docker
