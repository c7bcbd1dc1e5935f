#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "orchestrator/http/services.hpp"

namespace carrel::http {

/// What a server's connections have in common.
class ServerLoad {
 public:
  [[nodiscard]] std::size_t connections() const noexcept { return connections_; }

  /// False when this address has its share already: one client must not shut everybody else out.
  [[nodiscard]] bool admit(const std::string& address, std::size_t share) {
    if (by_address_[address] >= share) return false;
    ++by_address_[address];
    ++connections_;
    return true;
  }
  void release(const std::string& address) {
    --connections_;
    const auto found = by_address_.find(address);
    if (--found->second == 0) by_address_.erase(found);
  }

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

  std::size_t connections_ = 0;
  std::map<std::string, std::size_t> by_address_;
  std::size_t answers_ = 0;  ///< being made by the daemon itself
  std::function<void()> on_drained_;
  bool drained_ = false;
};

/// Who is at the other end, as far as the connection itself tells.
struct Peer {
  std::string address;      ///< as in Request::peer; under it the connection was admitted
  std::string local_admin;  ///< as in Request::local_admin
  bool barred = false;      ///< nothing but a refusal awaits it: the admin socket is not for this user
};

/// Serves one client, admitted under its address, until it leaves, errs, or a deadline passes.
boost::asio::awaitable<void> serve_connection(boost::asio::generic::stream_protocol::socket socket,
                                              Services& services, std::shared_ptr<ServerLoad> load,
                                              Peer peer);

}  // namespace carrel::http
