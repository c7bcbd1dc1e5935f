#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/lib/asio/one_shot.hpp"

namespace carrel::observe {

/// Something that happened, for those who watch.
struct FeedEvent {
  std::uint64_t id = 0;  ///< ascending, also from one daemon to the next
  std::string type;      ///< "sandbox.state", "sandbox.warning", …
  std::string session;   ///< whose it is; empty: nobody's
  std::string data;      ///< a JSON object in one line
};

/// The latest happenings, kept for those who come back after a short while. I/O thread only.
class EventFeed {
  struct State;

 public:
  struct Bounds {
    std::size_t kept = 1024;         ///< events
    std::size_t of_all = 32;         ///< listeners to everything
    std::size_t of_sessions = 1024;  ///< listeners to a session each
    std::size_t of_one_session = 8;
  };

  /// One who listens, from listen() until it is destroyed; it may outlive the feed.
  class Listener {
   public:
    Listener(boost::asio::any_io_executor executor, std::shared_ptr<State> state, std::string session,
             std::uint64_t after);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    /// What happened since the last call, oldest first. Waits for the first until `deadline`; empty then, or
    /// when it is over(). One caller at a time, who keeps the listener alive.
    boost::asio::awaitable<std::vector<FeedEvent>> next(std::chrono::steady_clock::time_point deadline);

    /// Nothing more is wanted: next() returns.
    void end();
    [[nodiscard]] bool over() const noexcept;

   private:
    friend class EventFeed;
    [[nodiscard]] std::vector<FeedEvent> take();
    void wake();

    boost::asio::any_io_executor executor_;
    std::shared_ptr<State> state_;
    std::string session_;
    std::uint64_t seen_;
    bool ended_ = false;
    std::shared_ptr<OneShot<bool>> news_;
  };

  explicit EventFeed(boost::asio::any_io_executor executor) : EventFeed(std::move(executor), Bounds{}) {}
  EventFeed(boost::asio::any_io_executor executor, Bounds bounds);

  void publish(std::string type, std::string session, std::string data);

  /// To what happens to one session, or to everything when it is empty; from `after` on, as far as it is
  /// still kept, or from now on. Null: too many listen already, or the feed is closed.
  [[nodiscard]] std::shared_ptr<Listener> listen(std::string session, std::optional<std::uint64_t> after);

  /// Every listener is over, and nobody can listen any more.
  void close();

 private:
  boost::asio::any_io_executor executor_;
  Bounds bounds_;
  std::shared_ptr<State> state_;
};

}  // namespace carrel::observe
