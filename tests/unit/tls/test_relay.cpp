#include <doctest/doctest.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "base/unique_fd.hpp"
#include "certificate.hpp"
#include "orchestrator/http/tls/relay.hpp"
#include "tests/support/temporary_directory.hpp"

using carrel::UniqueFd;
using carrel::http::tls::Relay;
using carrel::http::tls::RelayLimits;
using namespace std::chrono_literals;
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr auto kDeadline = 20s;

std::string pattern(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 131 + i / 251);
  return bytes;
}

/// OpenSSL's own client, on a thread of its own, with a socket that blocks.
class Client {
 public:
  explicit Client(const tcp::endpoint& server, int version = TLS1_3_VERSION)
      : context_(SSL_CTX_new(TLS_client_method())), socket_(loop_) {
    SSL_CTX_set_security_level(context_, 0);
    SSL_CTX_set_min_proto_version(context_, version);
    SSL_CTX_set_max_proto_version(context_, version);
    ssl_ = SSL_new(context_);
    socket_.connect(server);
    SSL_set_fd(ssl_, socket_.native_handle());
  }
  ~Client() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
  }
  bool greet(const std::string& protocol = "http/1.1") {
    const std::string offer = std::string(1, static_cast<char>(protocol.size())) + protocol;
    SSL_set_alpn_protos(ssl_, reinterpret_cast<const unsigned char*>(offer.data()),
                        static_cast<unsigned>(offer.size()));
    return SSL_connect(ssl_) == 1;
  }
  std::string chosen() {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_, &name, &size);
    return {reinterpret_cast<const char*>(name), size};
  }
  std::string read_until_end() {
    std::string all;
    std::string some(65536, '\0');
    for (;;) {
      const int size = SSL_read(ssl_, some.data(), static_cast<int>(some.size()));
      if (size <= 0) return all;
      all.append(some, 0, static_cast<std::size_t>(size));
    }
  }
  void write(const std::string& bytes) { SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())); }
  tcp::socket& socket() { return socket_; }

 private:
  asio::io_context loop_;
  SSL_CTX* context_;
  SSL* ssl_ = nullptr;
  tcp::socket socket_;
};

struct World {
  carrel::support::TemporaryDirectory folder;
  asio::io_context loop;
  tcp::acceptor acceptor{loop, {asio::ip::address_v4::loopback(), 0}};
  std::shared_ptr<Relay> relay;
  std::optional<Relay::Greeting> greeting;
  UniqueFd plain;
  bool sent_all = false;
  bool heard_all = false;

  tcp::endpoint server() const { return acceptor.local_endpoint(); }

  /// A client must be connecting.
  void accept(const RelayLimits& limits) {
    carrel::test::write_certificate(folder.path() / "a.pem", folder.path() / "a.key");
    auto context = carrel::openssl::ServerContext::load(folder.path() / "a.pem", folder.path() / "a.key");
    REQUIRE(context.has_value());
    tcp::socket socket = acceptor.accept();
    relay = std::make_shared<Relay>(std::move(socket), *context, limits);
    asio::co_spawn(loop, greet(), asio::detached);
    run_until([this] { return greeting.has_value(); });
  }

  void open() {
    auto other = relay->open();
    REQUIRE(other.has_value());
    plain = UniqueFd(::dup(other->native_handle()));
    ::fcntl(plain.get(), F_SETFL, ::fcntl(plain.get(), F_GETFL) & ~O_NONBLOCK);
    asio::co_spawn(loop, send(), asio::detached);
    asio::co_spawn(loop, receive(), asio::detached);
  }

  asio::awaitable<void> greet() {
    const Relay::Greeting how = co_await relay->greet();
    greeting = how;
  }
  asio::awaitable<void> send() {
    co_await Relay::send(relay);
    sent_all = true;
  }
  asio::awaitable<void> receive() {
    co_await Relay::receive(relay);
    heard_all = true;
  }

  void run_until(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + kDeadline;
    while (!done()) {
      REQUIRE(std::chrono::steady_clock::now() < deadline);
      loop.restart();
      loop.run_one_for(50ms);
    }
  }
};

/// As a sandbox does: until all is written or nobody will take it.
std::size_t write_all(int socket, const std::string& bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t size = ::send(socket, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
    if (size <= 0) break;
    done += static_cast<std::size_t>(size);
  }
  return done;
}

}  // namespace

TEST_CASE_FIXTURE(World, "what is written in the clear reaches the client whole, and every byte is counted") {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    CAPTURE(version);
    greeting.reset();
    sent_all = heard_all = false;
    const std::string bytes = pattern(6'000'001);
    std::string got;
    std::string protocol;
    Client client(server(), version);
    std::thread reader([&] {
      if (!client.greet()) return;
      protocol = client.chosen();
      got = client.read_until_end();
      client.socket().close();
    });
    accept({});
    open();
    std::thread writer([&] {
      write_all(plain.get(), bytes);
      ::shutdown(plain.get(), SHUT_WR);
    });
    run_until([&] { return sent_all && heard_all; });
    writer.join();
    reader.join();
    CHECK(*greeting == Relay::Greeting::encrypted);
    CHECK(protocol == "http/1.1");
    CHECK(got == bytes);
    const auto progress = relay->progress();
    REQUIRE(progress.has_value());
    CHECK(progress->written == bytes.size());
    CHECK(progress->acknowledged == bytes.size());
  }
}

TEST_CASE_FIXTURE(World, "what the client sends comes out in the clear, then its end") {
  const std::string bytes = pattern(300'000);
  Client client(server());
  std::thread sender([&] {
    if (!client.greet()) return;
    client.write(bytes);
    client.socket().shutdown(tcp::socket::shutdown_send);
  });
  accept({});
  open();
  std::string got;
  std::thread reader([&] {
    std::string some(65536, '\0');
    for (ssize_t size = 1; size > 0;) {
      size = ::recv(plain.get(), some.data(), some.size(), 0);
      if (size > 0) got.append(some, 0, static_cast<std::size_t>(size));
    }
    ::shutdown(plain.get(), SHUT_RDWR);
  });
  run_until([&] { return sent_all && heard_all; });
  sender.join();
  reader.join();
  CHECK(got == bytes);
}

TEST_CASE_FIXTURE(
    World, "a client that reads nothing costs a bounded number of bytes, and in the end its connection") {
  Client client(server());
  std::thread greeter([&] { client.greet(); });
  RelayLimits limits;
  limits.stall = 300ms;
  accept(limits);
  greeter.join();
  open();
  const std::string bytes = pattern(64 << 20);
  std::size_t taken = 0;
  std::thread writer([&] { taken = write_all(plain.get(), bytes); });
  run_until([&] { return sent_all && heard_all; });
  writer.join();
  // The kernel's buffers of three sockets, and one record.
  CHECK(taken < (16U << 20));
  CHECK(relay->lost());
}

TEST_CASE_FIXTURE(World, "a client that resets the connection is lost to whoever writes") {
  Client client(server());
  std::thread greeter([&] { client.greet(); });
  accept({});
  greeter.join();
  open();
  CHECK_FALSE(relay->lost());
  client.socket().set_option(tcp::socket::linger(true, 0));
  client.socket().close();
  run_until([&] { return sent_all && heard_all; });
  CHECK(relay->lost());
  CHECK(write_all(plain.get(), "x") == 0);
}

TEST_CASE_FIXTURE(World, "cutting ends both sides at once") {
  Client client(server());
  std::thread reader([&] {
    if (client.greet()) client.read_until_end();
  });
  accept({});
  open();
  relay->cut();
  run_until([&] { return sent_all && heard_all; });
  reader.join();
  CHECK(write_all(plain.get(), "x") == 0);
}

TEST_CASE_FIXTURE(World,
                  "who speaks in the clear is told apart, who speaks an old TLS or none at all is refused") {
  SUBCASE("in the clear") {
    Client client(server());
    client.socket().write_some(asio::buffer("GET / HTTP/1.1\r\n\r\n", 18));
    accept({});
    CHECK(*greeting == Relay::Greeting::plain);
  }
  SUBCASE("TLS 1.1") {
    Client client(server(), TLS1_1_VERSION);
    bool agreed = true;
    std::thread greeter([&] { agreed = client.greet(); });
    accept({});
    relay->cut();
    greeter.join();
    CHECK(*greeting == Relay::Greeting::nobody);
    CHECK_FALSE(agreed);
  }
  SUBCASE("another protocol") {
    Client client(server());
    bool agreed = true;
    std::thread greeter([&] { agreed = client.greet("h2"); });
    accept({});
    relay->cut();
    greeter.join();
    CHECK(*greeting == Relay::Greeting::nobody);
    CHECK_FALSE(agreed);
  }
  SUBCASE("garbage") {
    Client client(server());
    client.socket().write_some(asio::buffer("\x16 nothing of the kind, at all, whatever it says\n", 48));
    accept({});
    CHECK(*greeting == Relay::Greeting::nobody);
    CHECK_FALSE(relay->failure().empty());
  }
  SUBCASE("nothing") {
    Client client(server());
    RelayLimits limits;
    limits.handshake = 50ms;
    accept(limits);
    CHECK(*greeting == Relay::Greeting::nobody);
  }
}
