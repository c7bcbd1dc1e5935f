#include <doctest/doctest.h>

#include <string>

#include "tests/unit/streamer/rendered.hpp"
#include "tests/unit/streamer/server_harness.hpp"

using namespace carrel;
using namespace carrel::streamer;
using protocol::Done;
using protocol::Hello;
using protocol::Serve;

namespace {

Serve request_of(protocol::RequestId id) {
  Serve request;
  request.id = id;
  request.date = 2'000'000'000;
  return request;
}

UniqueFd accept_within(int listener) {
  REQUIRE(test::wait_for(listener, POLLIN));
  auto accepted = protocol::accept_from(listener);
  REQUIRE(accepted.has_value());
  REQUIRE(accepted->has_value());
  return std::move(**accepted);
}

ServerSettings impatient() {
  ServerSettings settings;
  settings.retry = std::chrono::milliseconds(5);
  settings.attempts = 4000;
  return settings;
}

}  // namespace

TEST_CASE("a transfer outlives the daemon, and the next daemon is greeted") {
  const std::size_t before = test::open_descriptors();
  {
    const test::TemporaryFolder folder;
    test::ServerHarness server(impatient(), folder.path() + "/control", 2);
    const std::string content = test::film_text(3'000'000);
    const UniqueFd film = test::film_with(content);
    auto [answer, client] = test::socket_pair(SOCK_STREAM);
    REQUIRE(server.ask(request_of(1), {answer.get(), film.get()}));
    answer.reset();
    REQUIRE(test::read_some(client.get(), 1000).size() == 1000);

    server.control.reset();
    auto listener = protocol::listen_in(folder.fd(), "control");
    REQUIRE(listener.has_value());
    server.control = accept_within(listener->get());
    const auto hello = test::next_message(server.control.get());
    REQUIRE(hello);
    CHECK(std::get<Hello>(*hello).earlier_transfers == 1);

    const auto earlier = [&] {
      REQUIRE(protocol::send(server.control.get(), protocol::Ping{1}).has_value());
      const auto message = test::next_message(server.control.get());
      REQUIRE(message);
      return std::get<protocol::Pong>(*message);
    };
    const protocol::Pong before_reading = earlier();
    CHECK(before_reading.earlier_transfers == 1);
    CHECK(test::read_some(client.get(), 1'000'000).size() == 1'000'000);
    CHECK(earlier().earlier_bytes > before_reading.earlier_bytes);

    CHECK(test::read_some(client.get(), content.size() * 2).size() > content.size() - 1'001'000);
    auto [second, second_client] = test::socket_pair(SOCK_STREAM);
    Serve request = request_of(1);
    request.head = true;
    REQUIRE(server.ask(request, {second.get(), film.get()}));
    const Done done = server.done();
    CHECK(done.id == 1);
    CHECK(done.bytes < 1000);

    server.control.reset();
    server.control = accept_within(listener->get());
    const auto again = test::next_message(server.control.get());
    REQUIRE(again);
    CHECK(std::get<Hello>(*again).earlier_transfers == 0);
  }
  CHECK(test::open_descriptors() == before);
}

TEST_CASE("when nobody comes back it leaves after the last attempt, or without a spare socket") {
  const std::size_t before = test::open_descriptors();
  ServerSettings settings = impatient();
  settings.attempts = 3;
  {
    const test::ServerHarness server(settings, "/nonexistent/control", 2);
  }
  {
    const test::ServerHarness server(impatient(), "/nonexistent/control", 0);
  }
  CHECK(test::open_descriptors() == before);
}
