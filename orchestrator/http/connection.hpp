#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <utility>

#include "orchestrator/http/services.hpp"

namespace carrel::http {

/// What a server's connections have in common.
class ServerLoad {
 public:
  std::size_t connections = 0;

  [[nodiscard]] bool stopping() const noexcept { return static_cast<bool>(on_drained_) || drained_; }

  void stop(std::function<void()> on_drained) {
    on_drained_ = std::move(on_drained);
    tell_when_drained();
  }
  void begin_answer() { ++answers_; }
  void end_answer() {
    --answers_;
    tell_when_drained();
  }

 private:
  void tell_when_drained() {
    if (answers_ > 0 || !on_drained_) return;
    drained_ = true;
    std::exchange(on_drained_, nullptr)();
  }

  std::size_t answers_ = 0;  ///< being made by the daemon itself
  std::function<void()> on_drained_;
  bool drained_ = false;
};

/// Serves one client until it leaves, errs, or a deadline passes.
boost::asio::awaitable<void> serve_connection(boost::asio::ip::tcp::socket socket, Services& services,
                                              std::shared_ptr<ServerLoad> load);

}  // namespace carrel::http
