#pragma once

#include <fcntl.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "orchestrator/http/connection.hpp"
#include "orchestrator/http/server.hpp"
#include "orchestrator/http/server_load.hpp"
#include "orchestrator/observe/log.hpp"
#include "orchestrator/observe/spawn.hpp"

namespace carrel::http {

/// Accepts at one listening socket of `Protocol` and serves who gets in, until stop(). I/O thread only;
/// `services` and what `identify` refers to outlive it.
template <typename Protocol>
class AcceptLoop {
 public:
  using Socket = typename Protocol::socket;
  using Acceptor = typename Protocol::acceptor;

  struct Bounds {
    std::size_t connections;
    std::size_t of_one_peer;  ///< share of each Peer::address
  };
  /// Says who has connected.
  using Identify = std::function<Peer(Socket&)>;
  /// Sets what a connection needs on its socket.
  using Prepare = std::function<void(Socket&)>;

  /// Serves one client, admitted under its address, which it releases.
  using Serve = std::function<boost::asio::awaitable<void>(Socket, std::shared_ptr<ServerLoad>, Peer)>;

  AcceptLoop(Services& services, Acceptor acceptor, Bounds bounds, Identify identify, Prepare prepare = {},
             Serve serve = {})
      : services_(services),
        acceptor_(std::move(acceptor)),
        bounds_(bounds),
        identify_(std::move(identify)),
        prepare_(std::move(prepare)),
        serve_(std::move(serve)) {}

  void start() {
    // Drained is only who has also looked at the connections that were being accepted.
    load_->begin_answer();
    spawn(acceptor_.get_executor(), accept_until_stopped(), "accepting connections");
  }

  /// As Server::stop().
  void stop(Backlog backlog, std::function<void()> on_drained) {
    boost::system::error_code ignored;
    backlog == Backlog::keep ? acceptor_.cancel(ignored) : acceptor_.close(ignored);
    load_->stop(std::move(on_drained));
    spawn(acceptor_.get_executor(), end_connections(acceptor_.get_executor(), load_), "ending connections");
  }

  /// Another descriptor of the listening socket.
  [[nodiscard]] Result<UniqueFd> duplicate() {
    UniqueFd copy(::fcntl(acceptor_.native_handle(), F_DUPFD_CLOEXEC, 0));
    if (!copy) return errno_error("duplicate the listening socket", errno);
    return copy;
  }

  [[nodiscard]] typename Protocol::endpoint local_endpoint() const {
    boost::system::error_code ignored;
    return acceptor_.local_endpoint(ignored);
  }

 private:
  static constexpr std::chrono::milliseconds kPauseWhenFull{50};

  boost::asio::awaitable<void> accept_until_stopped() {
    co_await accept_again_and_again();
    load_->end_answer();
  }

  boost::asio::awaitable<void> accept_again_and_again() {
    while (!load_->stopping()) {
      if (load_->connections() >= bounds_.connections) {
        co_await pause();
        continue;
      }
      auto [error, socket] =
          co_await acceptor_.async_accept(boost::asio::as_tuple(boost::asio::use_awaitable));
      if (error && load_->stopping()) co_return;
      if (error) {
        log::warn("http.accept_failed", {{"reason", error.message()}});
        co_await pause();
        continue;
      }
      Peer peer = identify_(socket);
      if (!load_->admit(peer.address, bounds_.of_one_peer)) continue;
      if (prepare_) prepare_(socket);
      spawn(acceptor_.get_executor(), serve(std::move(socket), std::move(peer)), "serving a connection");
    }
  }

  boost::asio::awaitable<void> serve(Socket socket, Peer peer) {
    if (serve_) return serve_(std::move(socket), load_, std::move(peer));
    return serve_connection(std::move(socket), services_, load_, std::move(peer));
  }

  boost::asio::awaitable<void> pause() {
    boost::asio::steady_timer timer(acceptor_.get_executor(), kPauseWhenFull);
    co_await timer.async_wait(boost::asio::use_awaitable);
  }

  Services& services_;
  Acceptor acceptor_;
  Bounds bounds_;
  Identify identify_;
  Prepare prepare_;
  Serve serve_;
  std::shared_ptr<ServerLoad> load_ = std::make_shared<ServerLoad>();
};

}  // namespace carrel::http
