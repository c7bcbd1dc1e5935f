#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "tests/load/connection.hpp"

namespace carrel::load {
namespace {

namespace asio = boost::asio;

TEST_CASE("an answer that does not come is given up") {
  asio::io_context context(1);
  const asio::ip::tcp::endpoint anywhere(asio::ip::address_v4::loopback(), 0);
  // The kernel takes the connection and the request; nobody answers.
  const asio::ip::tcp::acceptor silent(context, anywhere);
  Connection connection(context.get_executor(),
                        {anywhere, silent.local_endpoint(), 0, std::chrono::milliseconds(20)});
  Result<Answer> answer = Answer{};
  asio::co_spawn(context, connection.fetch("/livez", "", false),
                 [&](const std::exception_ptr& thrown, Result<Answer> got) {
                   CHECK_FALSE(thrown);
                   answer = std::move(got);
                 });
  context.run();
  REQUIRE(answer.has_error());
  CHECK(answer.error().kind == ErrorKind::timeout);
  CHECK(answer.error().message == "/livez: it took too long");
}

}  // namespace
}  // namespace carrel::load
