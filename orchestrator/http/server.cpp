#include "orchestrator/http/server.hpp"

#include <fcntl.h>
#include <netinet/in.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <optional>
#include <utility>

#include "orchestrator/http/connection.hpp"
#include "orchestrator/observe/log.hpp"
#include "orchestrator/observe/spawn.hpp"

namespace carrel::http {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

// How a daemon names the socket that it bound itself for the one after it.
constexpr char kOwnSocket[] = "own-http";

// The kernel charges a connection's buffers to whoever accepted it; unbounded, a thousand slow clients would
// cost GBs.
constexpr int kSendBufferBytes = 1 << 20;
constexpr std::chrono::milliseconds kPauseWhenFull{50};

std::string address_of(const tcp::socket& socket) {
  boost::system::error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error) return "unknown";
  const auto address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
  }
  return address.to_string();
}

class TcpServer final : public Server {
 public:
  TcpServer(asio::any_io_executor executor, Services& services, tcp::acceptor acceptor, std::string name)
      : executor_(std::move(executor)),
        services_(services),
        acceptor_(std::move(acceptor)),
        name_(std::move(name)),
        load_(std::make_shared<ServerLoad>()) {}

  void start() override {
    // Drained is only who has also looked at the connections that were being accepted.
    load_->begin_answer();
    spawn(executor_, accept_until_stopped(), "accepting connections");
  }

  void stop(Backlog backlog, std::function<void()> on_drained) override {
    boost::system::error_code ignored;
    backlog == Backlog::keep ? acceptor_.cancel(ignored) : acceptor_.close(ignored);
    load_->stop(std::move(on_drained));
    spawn(executor_, end_connections(executor_, load_), "ending connections");
  }

  [[nodiscard]] Result<PassedSocket> pass_on() override {
    UniqueFd copy(::fcntl(acceptor_.native_handle(), F_DUPFD_CLOEXEC, 0));
    if (!copy) return errno_error("duplicate the listening socket", errno);
    return PassedSocket{std::move(copy), name_};
  }

  [[nodiscard]] std::string address() const override {
    boost::system::error_code ignored;
    const auto endpoint = acceptor_.local_endpoint(ignored);
    const std::string host = endpoint.address().is_v6() ? "[" + endpoint.address().to_string() + "]"
                                                        : endpoint.address().to_string();
    return host + ":" + std::to_string(endpoint.port());
  }

 private:
  asio::awaitable<void> accept_until_stopped() {
    co_await accept_again_and_again();
    load_->end_answer();
  }

  asio::awaitable<void> accept_again_and_again() {
    while (!load_->stopping()) {
      if (load_->connections() >= services_.config.http.max_connections) {
        co_await pause();
        continue;
      }
      auto [error, socket] = co_await acceptor_.async_accept(asio::as_tuple(asio::use_awaitable));
      if (error && load_->stopping()) co_return;
      if (error) {
        log::warn("http.accept_failed", {{"reason", error.message()}});
        co_await pause();
        continue;
      }
      boost::system::error_code ignored;
      Peer peer;
      peer.address = address_of(socket);
      if (!load_->admit(peer.address, share_of_one_address())) {
        socket.close(ignored);
        continue;
      }
      socket.set_option(tcp::no_delay(true), ignored);
      socket.set_option(asio::socket_base::send_buffer_size(kSendBufferBytes), ignored);
      spawn(executor_, serve_connection(std::move(socket), services_, load_, std::move(peer)),
            "serving a connection");
    }
  }

  /// Half, because behind a proxy all clients have one address.
  [[nodiscard]] std::size_t share_of_one_address() const {
    return std::max<std::size_t>(services_.config.http.max_connections / 2, 1);
  }

  asio::awaitable<void> pause() {
    asio::steady_timer timer(executor_, kPauseWhenFull);
    co_await timer.async_wait(asio::use_awaitable);
  }

  asio::any_io_executor executor_;
  Services& services_;
  tcp::acceptor acceptor_;
  std::string name_;  ///< of the socket, for the next program
  std::shared_ptr<ServerLoad> load_;
};

Result<tcp::endpoint> parse_endpoint(const std::string& text) {
  const auto colon = text.rfind(':');
  std::string host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  boost::system::error_code error;
  const auto address = asio::ip::make_address(host, error);
  std::uint16_t port = 0;
  const char* first = text.data() + colon + 1;
  const auto parsed = std::from_chars(first, text.data() + text.size(), port);
  if (colon == std::string::npos || error || parsed.ec != std::errc() ||
      parsed.ptr != text.data() + text.size()) {
    return make_error(ErrorKind::invalid,
                      "http.listen = \"" + text + "\" is not an address and a port, such as 127.0.0.1:8080");
  }
  return tcp::endpoint(address, port);
}

bool is_at(const tcp::acceptor& acceptor, const tcp::endpoint& wanted) {
  boost::system::error_code error;
  const tcp::endpoint bound = acceptor.local_endpoint(error);
  return !error && bound.address() == wanted.address() &&
         (wanted.port() == 0 || wanted.port() == bound.port());
}

/// The first TCP socket among those passed; nothing if there is none.
std::optional<PassedSocket> take_socket(std::vector<PassedSocket>& passed) {
  const auto found = std::find_if(passed.begin(), passed.end(), [](const PassedSocket& one) {
    return listens(one.socket, AF_INET) || listens(one.socket, AF_INET6);
  });
  if (found == passed.end()) return std::nullopt;
  PassedSocket taken = std::move(*found);
  passed.erase(found);
  return taken;
}

/// Nothing when the predecessor's socket is not where the configuration wants one.
Result<std::optional<tcp::acceptor>> adopt(asio::any_io_executor executor, PassedSocket& passed,
                                           const tcp::endpoint& wanted) {
  tcp::acceptor acceptor(std::move(executor));
  boost::system::error_code error;
  acceptor.assign(listens(passed.socket, AF_INET6) ? tcp::v6() : tcp::v4(), passed.socket.get(), error);
  if (error) return make_error(ErrorKind::internal, "take over the listening socket: " + error.message());
  static_cast<void>(passed.socket.release());
  if (passed.name == kOwnSocket && !is_at(acceptor, wanted)) return std::optional<tcp::acceptor>();
  return std::optional<tcp::acceptor>(std::move(acceptor));
}

}  // namespace

Result<std::unique_ptr<Server>> listen(asio::any_io_executor executor, Services& services,
                                       std::vector<PassedSocket>& passed) {
  const std::string& where = services.config.http.listen;
  const auto endpoint = parse_endpoint(where);
  if (endpoint.has_error()) return endpoint.error();
  if (auto socket = take_socket(passed)) {
    auto adopted = adopt(executor, *socket, *endpoint);
    if (adopted.has_error()) return adopted.error();
    if (*adopted) {
      return std::make_unique<TcpServer>(executor, services, std::move(**adopted), std::move(socket->name));
    }
  }
  tcp::acceptor acceptor(executor);
  boost::system::error_code error;
  acceptor.open(endpoint->protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(*endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return make_error(ErrorKind::unavailable,
                      "cannot listen at " + where + ": " + error.message() +
                          "; end what uses it, or set http.listen (CARREL_HTTP_LISTEN)");
  }
  return std::make_unique<TcpServer>(executor, services, std::move(acceptor), kOwnSocket);
}

}  // namespace carrel::http
