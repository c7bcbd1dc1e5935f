#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "orchestrator/lib/asio/one_shot.hpp"

namespace carrel::observe {

/// Something that happened, for those who watch.
struct FeedEvent {
  std::uint64_t id = 0;  ///< ascending
  std::string type;      ///< "sandbox.state", "sandbox.warning", …
  std::string session;   ///< whose it is; empty: nobody's
  std::string data;      ///< a JSON object in one line
};

/// The latest happenings, kept for those who come back after a short while. I/O thread only.
class EventFeed {
 public:
  explicit EventFeed(boost::asio::any_io_executor executor, std::size_t most = 1024);

  void publish(std::string type, std::string session, std::string data);

  /// Those after `id`, oldest first, as far as they are still kept; of one session, or of all when it is
  /// empty. Waits until `deadline` for the first.
  boost::asio::awaitable<std::vector<FeedEvent>> after(std::uint64_t id, std::string session,
                                                       std::chrono::steady_clock::time_point deadline);

  [[nodiscard]] std::uint64_t last_id() const noexcept { return last_id_; }

 private:
  [[nodiscard]] std::vector<FeedEvent> kept_after(std::uint64_t id, const std::string& session) const;

  boost::asio::any_io_executor executor_;
  std::size_t most_;
  std::deque<FeedEvent> events_;
  std::uint64_t last_id_ = 0;
  std::shared_ptr<OneShot<bool>> news_;
};

}  // namespace carrel::observe
