#include "orchestrator/http/server.hpp"

#include <netinet/in.h>

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <chrono>
#include <optional>
#include <utility>

#include "base/unix_time.hpp"
#include "orchestrator/config/values.hpp"
#include "orchestrator/http/accept_loop.hpp"
#include "orchestrator/http/tls/serve.hpp"
#include "orchestrator/lib/openssl/server_context.hpp"
#include "orchestrator/observe/metrics.hpp"

namespace carrel::http {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

// How a daemon names the socket that it bound itself for the one after it.
constexpr char kOwnSocket[] = "own-http";

// The kernel charges a connection's buffers to whoever accepted it; unbounded, a thousand slow clients would
// cost GBs.
constexpr int kSendBufferBytes = 1 << 20;

constexpr std::chrono::seconds kTellBefore{std::chrono::hours(24 * 14)};
constexpr std::chrono::hours kLookAtCertificate{12};

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

std::string text_of(const tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  return (endpoint.address().is_v6() ? "[" + address + "]" : address) + ":" + std::to_string(endpoint.port());
}

/// One address may have half, because behind a proxy all clients have one.
AcceptLoop<tcp>::Bounds bounds_from(const config::Config& config) {
  const std::size_t connections = config.http.max_connections;
  return {.connections = connections, .of_one_peer = std::max<std::size_t>(connections / 2, 1)};
}

Peer identify(tcp::socket& socket) {
  Peer peer;
  peer.address = address_of(socket);
  return peer;
}

void prepare(tcp::socket& socket) {
  boost::system::error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  socket.set_option(asio::socket_base::send_buffer_size(kSendBufferBytes), ignored);
}

using Certificate = std::shared_ptr<const openssl::ServerContext>;

class TcpServer final : public Server {
 public:
  TcpServer(Services& services, tcp::acceptor acceptor, std::string name, Certificate certificate)
      : executor_(acceptor.get_executor()),
        name_(std::move(name)),
        metrics_(services.metrics),
        certificate_(std::move(certificate)),
        loop_(services, std::move(acceptor), bounds_from(services.config), identify, prepare,
              certificate_ ? serve_encrypted(services) : AcceptLoop<tcp>::Serve()) {}

  void start() override {
    loop_.start();
    if (!certificate_) return;
    metrics_.certificate_expires(certificate_->expires());
    spawn(executor_, tell_of_expiry(), "watching the certificate");
  }

  void stop(Backlog backlog, std::function<void()> on_drained) override {
    loop_.stop(backlog, std::move(on_drained));
  }

  [[nodiscard]] Result<PassedSocket> pass_on() override {
    Result<UniqueFd> copy = loop_.duplicate();
    if (copy.has_error()) return copy.error();
    return PassedSocket{std::move(*copy), name_};
  }

  [[nodiscard]] bool speaks_tls() const override { return certificate_ != nullptr; }

  void use_certificate(Certificate certificate) override {
    if (!certificate_) return;
    certificate_ = std::move(certificate);
    metrics_.certificate_expires(certificate_->expires());
  }

  [[nodiscard]] std::string address() const override { return text_of(loop_.local_endpoint()); }

 private:
  AcceptLoop<tcp>::Serve serve_encrypted(Services& services) {
    return [this, &services](tcp::socket socket, std::shared_ptr<ServerLoad> load, Peer peer) {
      return tls::serve(std::move(socket), certificate_, services, std::move(load), std::move(peer));
    };
  }

  asio::awaitable<void> tell_of_expiry() {
    asio::steady_timer timer(executor_);
    for (;;) {
      const std::int64_t expires = certificate_->expires();
      if (expires - unix_now() < kTellBefore.count()) {
        const std::string reason = "it ends at " + rfc3339(expires) + "; renew it, and send SIGHUP";
        log::warn("tls.certificate_expires",
                  {{"subject", certificate_->subject()}, {"reason", reason}, {"expires", rfc3339(expires)}});
      }
      timer.expires_after(kLookAtCertificate);
      co_await timer.async_wait(asio::use_awaitable);
    }
  }

  asio::any_io_executor executor_;
  std::string name_;  ///< of the socket, for the next program
  observe::Metrics& metrics_;
  Certificate certificate_;  ///< null: plain HTTP
  AcceptLoop<tcp> loop_;
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

/// A service manager's socket counts, wherever it is; but whoever changed http.listen alone is to know.
void tell_if_elsewhere(const tcp::acceptor& acceptor, const std::string& wanted) {
  boost::system::error_code error;
  const tcp::endpoint bound = acceptor.local_endpoint(error);
  if (error || config::listens_as_wanted(text_of(bound), wanted)) return;
  const std::string reason = "the socket that was passed is at " + text_of(bound) +
                             " and counts in the place of http.listen = " + wanted +
                             "; with systemd, systemctl edit carreld.socket changes it";
  log::warn("listen.not_used", {{"listen", wanted}, {"socket", text_of(bound)}, {"reason", reason}});
}

Result<tcp::acceptor> adopt(asio::any_io_executor executor, PassedSocket& passed) {
  tcp::acceptor acceptor(std::move(executor));
  boost::system::error_code error;
  acceptor.assign(listens(passed.socket, AF_INET6) ? tcp::v6() : tcp::v4(), passed.socket.get(), error);
  if (error) return make_error(ErrorKind::internal, "take over the listening socket: " + error.message());
  static_cast<void>(passed.socket.release());
  return acceptor;
}

boost::system::error_code bind(tcp::acceptor& acceptor, const tcp::endpoint& wanted) {
  boost::system::error_code error;
  acceptor.open(wanted.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(wanted, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  return error;
}

/// Where `wanted` says, or where the predecessor listened: an upgrade is not to end the daemon because an
/// address is not there. `predecessors` may be closed.
Result<tcp::acceptor> bind_or_go_on(asio::any_io_executor executor, tcp::acceptor predecessors,
                                    const tcp::endpoint& wanted, const std::string& where) {
  tcp::acceptor acceptor(executor);
  boost::system::error_code error = bind(acceptor, wanted);
  if (error == asio::error::address_in_use && predecessors.is_open() &&
      predecessors.local_endpoint().port() == wanted.port()) {
    // Ours is in the way: the same port at every address, or at one in the place of every.
    predecessors.close();
    acceptor = tcp::acceptor(executor);
    error = bind(acceptor, wanted);
  }
  if (!error) return acceptor;
  const std::string reason = "cannot listen at " + where + ": " + error.message();
  if (!predecessors.is_open()) {
    return make_error(ErrorKind::unavailable,
                      reason + "; end what uses it, or set http.listen (CARREL_HTTP_LISTEN)");
  }
  const std::string old = text_of(predecessors.local_endpoint());
  log::warn("listen.not_used",
            {{"listen", where}, {"socket", old}, {"reason", reason + "; it goes on at " + old}});
  return predecessors;
}

}  // namespace

Result<std::unique_ptr<Server>> listen(asio::any_io_executor executor, Services& services,
                                       std::vector<PassedSocket>& passed) {
  const auto& http = services.config.http;
  const std::string& where = http.listen;
  Certificate certificate;
  if (!http.tls_certificate.empty()) {
    auto loaded = openssl::ServerContext::load(http.tls_certificate, http.tls_key);
    if (loaded.has_error()) return loaded.error();
    certificate = std::move(*loaded);
  }
  const auto endpoint = parse_endpoint(where);
  if (endpoint.has_error()) return endpoint.error();
  tcp::acceptor predecessors(executor);
  if (auto socket = take_socket(passed)) {
    auto adopted = adopt(executor, *socket);
    if (adopted.has_error()) return adopted.error();
    const bool managed = socket->name != kOwnSocket;
    if (managed) tell_if_elsewhere(*adopted, where);
    if (managed || is_at(*adopted, *endpoint)) {
      return std::make_unique<TcpServer>(services, std::move(*adopted), std::move(socket->name),
                                         std::move(certificate));
    }
    predecessors = std::move(*adopted);
  }
  auto acceptor = bind_or_go_on(executor, std::move(predecessors), *endpoint, where);
  if (acceptor.has_error()) return acceptor.error();
  return std::make_unique<TcpServer>(services, std::move(*acceptor), kOwnSocket, std::move(certificate));
}

}  // namespace carrel::http
