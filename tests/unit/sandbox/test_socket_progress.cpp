#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <string>

#include "orchestrator/sandbox/socket_progress.hpp"

using carrel::sandbox::connection_lost;
using carrel::sandbox::socket_progress;
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

struct Loopback {
  asio::io_context loop;
  tcp::acceptor acceptor{loop, {asio::ip::address_v4::loopback(), 0}};
  tcp::socket client{loop};
  tcp::socket server{loop};

  Loopback() {
    client.connect(acceptor.local_endpoint());
    acceptor.accept(server);
  }
};

}  // namespace

TEST_CASE_FIXTURE(Loopback, "every byte written is counted once, acknowledged or not") {
  const auto start = socket_progress(server.native_handle());
  REQUIRE(start.has_value());
  std::uint64_t written = 0;
  server.non_blocking(true);
  const std::string chunk(10'007, 'x');
  // Nobody reads: some is acknowledged into the client's buffer, some stays queued here.
  for (;;) {
    boost::system::error_code error;
    const auto count = server.write_some(asio::buffer(chunk), error);
    if (error) break;
    written += count;
    const auto now = socket_progress(server.native_handle());
    REQUIRE(now.has_value());
    REQUIRE(now->written - start->written == written);
  }
  std::string all(written, '\0');
  asio::read(client, asio::buffer(all));
  const auto end = socket_progress(server.native_handle());
  REQUIRE(end.has_value());
  CHECK(end->written - start->written == written);
}

TEST_CASE("what is not TCP has no progress") {
  int pair[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
  CHECK_FALSE(socket_progress(pair[0]).has_value());
  ::close(pair[0]);
  ::close(pair[1]);
}

TEST_CASE_FIXTURE(Loopback,
                  "a client that resets the connection is lost, one that only stops sending is not") {
  const auto await_event = [&](tcp::socket::wait_type what) {
    boost::system::error_code ignored;
    server.wait(what, ignored);
  };
  CHECK_FALSE(connection_lost(server.native_handle()));
  client.shutdown(tcp::socket::shutdown_send);
  await_event(tcp::socket::wait_read);
  CHECK_FALSE(connection_lost(server.native_handle()));
  client.set_option(tcp::socket::linger(true, 0));
  client.close();
  await_event(tcp::socket::wait_error);
  CHECK(connection_lost(server.native_handle()));
  CHECK_FALSE(connection_lost(-1));
}
