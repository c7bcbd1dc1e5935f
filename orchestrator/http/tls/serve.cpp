#include "orchestrator/http/tls/serve.hpp"

#include <sys/socket.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <utility>

#include "orchestrator/http/tls/relay.hpp"
#include "orchestrator/observe/log.hpp"
#include "orchestrator/observe/spawn.hpp"

namespace carrel::http::tls {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr auto kToken = asio::as_tuple(asio::use_awaitable);

// A handshake that fails does so in its first kilobytes; what a client says in the clear is not looked at.
constexpr char kOnlyEncrypted[] =
    "HTTP/1.1 400 Bad Request\r\n"
    "Content-Type: application/problem+json\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Cache-Control: no-store\r\n"
    "Connection: close\r\n"
    "Content-Length: 123\r\n"
    "\r\n"
    R"({"type":"about:blank","title":"This port speaks TLS alone","status":400,"detail":"Use https:// instead of http:// here."})"
    "\r\n";

RelayLimits limits_from(const config::Config& config) {
  RelayLimits limits;
  limits.handshake = config.http.header_timeout;
  limits.stall = config.http.stall_timeout;
  return limits;
}

/// Reads on until the client leaves or the deadline of greet() passes: closing with unread bytes would reset
/// the connection and take the answer with it.
asio::awaitable<void> refuse_in_the_clear(const std::shared_ptr<Relay> relay) {
  tcp::socket& client = relay->client();
  const auto answer = asio::buffer(kOnlyEncrypted, sizeof kOnlyEncrypted - 1);
  auto [error, size] = co_await asio::async_write(client, answer, kToken);
  if (error) co_return;
  ::shutdown(client.native_handle(), SHUT_WR);
  std::array<char, 4096> waste{};
  auto room = asio::buffer(waste);
  for (int reads = 0; reads < 64; ++reads) {
    auto [gone, count] = co_await client.async_read_some(room, kToken);
    if (gone) co_return;
  }
}

/// Connections whose last byte is not out yet: what the end of the server waits for.
asio::awaitable<void> send_until_told(std::shared_ptr<Relay> relay, std::shared_ptr<ServerLoad> load) {
  co_await Relay::send(std::move(relay));
  load->end_answer();
}

asio::awaitable<Relay::Greeting> greet(const std::shared_ptr<Relay> relay,
                                       const std::shared_ptr<ServerLoad> load) {
  const ServerLoad::Wait wait(*load, ServerLoad::Waiting{[relay] { relay->cut(); }, true});
  const Relay::Greeting greeting = co_await relay->greet();
  co_return greeting;
}

}  // namespace

asio::awaitable<void> serve(tcp::socket socket, std::shared_ptr<const openssl::ServerContext> certificate,
                            Services& services, std::shared_ptr<ServerLoad> load, Peer peer) {
  load->begin_answer();
  const auto executor = socket.get_executor();
  const auto relay =
      std::make_shared<Relay>(std::move(socket), std::move(certificate), limits_from(services.config));
  const Relay::Greeting greeting = co_await greet(relay, load);
  if (greeting == Relay::Greeting::encrypted) {
    auto plain = relay->open();
    if (plain.has_value()) {
      peer.relayed = relay;
      spawn(executor, send_until_told(relay, load), "encrypting for a client");
      spawn(executor, Relay::receive(relay), "decrypting for a client");
      co_await serve_connection(std::move(*plain), services, std::move(load), std::move(peer));
      co_return;
    }
    log::warn("tls.failed", {{"peer", peer.address}, {"reason", plain.error().message}});
  } else if (greeting == Relay::Greeting::plain) {
    log::debug("tls.refused", {{"peer", peer.address}, {"reason", "the client does not speak TLS"}});
    co_await refuse_in_the_clear(relay);
  } else if (!relay->failure().empty()) {
    log::debug("tls.refused", {{"peer", peer.address}, {"reason", relay->failure()}});
  }
  relay->cut();
  load->end_answer();
  load->release(peer.address);
}

}  // namespace carrel::http::tls
