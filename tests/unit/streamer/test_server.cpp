#include <doctest/doctest.h>
#include <netinet/tcp.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <string>

#include "streamer/protocol/conditions.hpp"
#include "streamer/respond/respond.hpp"
#include "streamer/serve/gather.hpp"
#include "tests/unit/streamer/loopback.hpp"
#include "tests/unit/streamer/rendered.hpp"
#include "tests/unit/streamer/server_harness.hpp"

using namespace carrel;
using namespace carrel::streamer;
using protocol::Done;
using protocol::Outcome;
using protocol::Resource;
using protocol::Serve;

namespace {

Serve request_of(protocol::RequestId id, std::string_view range = {}) {
  Serve request;
  request.id = id;
  request.date = 2'000'000'000;
  request.content_type = "video/mp4";
  request.conditions.ranges = protocol::parse_range(range);
  return request;
}

/// What the server has to send for `request`.
std::string expected(const Serve& request, int film, std::string_view content) {
  struct stat found {};
  REQUIRE(::fstat(film, &found) == 0);
  const FilmFacts facts{static_cast<std::uint64_t>(found.st_size),
                        found.st_mtim.tv_sec * 1'000'000'000 + found.st_mtim.tv_nsec, 7};
  return test::rendered(plan_original(request, facts).pieces, content);
}

}  // namespace

TEST_CASE("it says Hello, and leaves when the daemon goes and nothing runs") {
  const std::size_t before = test::open_descriptors();
  { CHECK(test::ServerHarness().greeted); }
  CHECK(test::open_descriptors() == before);
}

TEST_CASE("a whole film, over every kind of answer") {
  const std::size_t before = test::open_descriptors();
  {
    const test::ServerHarness server;
    const std::string content = test::film_text(3'000'000);
    const UniqueFd film = test::film_with(content);
    std::pair<UniqueFd, UniqueFd> ends;
    SUBCASE("TCP") {
      ends = test::tcp_pair(1 << 20);
    }
    SUBCASE("TCP with small buffers") {
      ends = test::tcp_pair(4096);
    }
    SUBCASE("Unix socket") {
      ends = test::socket_pair(SOCK_STREAM);
    }
    SUBCASE("pipe") {
      int fds[2] = {-1, -1};
      REQUIRE(::pipe2(fds, O_NONBLOCK | O_CLOEXEC) == 0);
      ends = {UniqueFd(fds[1]), UniqueFd(fds[0])};
    }
    const int flags = ::fcntl(ends.first.get(), F_GETFL);
    const Serve request = request_of(5);
    const std::string whole = expected(request, film.get(), content);
    REQUIRE(server.ask(request, {ends.first.get(), film.get()}));
    CHECK(test::read_some(ends.second.get(), whole.size()) == whole);
    const Done done = server.done();
    CHECK(done.id == 5);
    CHECK(done.outcome == Outcome::complete);
    CHECK(done.status == 200);
    CHECK(done.bytes == whole.size());
    CHECK(done.detail.empty());
    CHECK(::fcntl(ends.first.get(), F_GETFL) == flags);
  }
  CHECK(test::open_descriptors() == before);
}

TEST_CASE("a client that takes a byte at a time gets every byte, and others are not held up") {
  const test::ServerHarness server;
  const std::string content = test::film_text(200'000);
  const UniqueFd film = test::film_with(content);
  auto [slow, slow_client] = test::tcp_pair(2048);
  const Serve request = request_of(1);
  const std::string whole = expected(request, film.get(), content);
  REQUIRE(server.ask(request, {slow.get(), film.get()}));
  std::string got = test::read_some(slow_client.get(), 500, 1);
  auto [fast, fast_client] = test::tcp_pair(1 << 18);
  REQUIRE(server.ask(request_of(2), {fast.get(), film.get()}));
  CHECK(test::read_some(fast_client.get(), whole.size()) == whole);
  CHECK(server.done().id == 2);
  got += test::read_some(slow_client.get(), whole.size() - got.size(), 1);
  CHECK(got == whole);
  CHECK(server.done().id == 1);
}

TEST_CASE("nothing stays corked after an answer") {
  const test::ServerHarness server;
  const std::string content = test::film_text(100'000);
  const UniqueFd film = test::film_with(content);
  auto [answer, client] = test::tcp_pair(1 << 18);
  REQUIRE(server.ask(request_of(1), {answer.get(), film.get()}));
  CHECK(server.done().outcome == Outcome::complete);
  int corked = 1;
  socklen_t length = sizeof(corked);
  REQUIRE(::getsockopt(answer.get(), IPPROTO_TCP, TCP_CORK, &corked, &length) == 0);
  CHECK(corked == 0);
}

TEST_CASE("an answer begun elsewhere is ended from any byte on") {
  const test::ServerHarness server;
  const std::string content = test::film_text(400);
  const UniqueFd film = test::film_with(content);
  Serve request = request_of(1, "bytes=300-309,0-4,-3");
  const std::string whole = expected(request, film.get(), content);
  auto [answer, client] = test::socket_pair(SOCK_STREAM);
  for (request.skip = 0; request.skip <= whole.size(); ++request.skip) {
    REQUIRE(server.ask(request, {answer.get(), film.get()}));
    const Done done = server.done();
    REQUIRE(done.outcome == Outcome::complete);
    REQUIRE(done.bytes == whole.size() - request.skip);
    REQUIRE(test::read_some(client.get(), done.bytes) == whole.substr(request.skip));
  }
  REQUIRE(server.ask(request, {answer.get(), film.get()}));
  CHECK(server.done().outcome == Outcome::internal);
}

TEST_CASE("HEAD and requests one after another on one connection") {
  const test::ServerHarness server;
  const std::string content = test::film_text(50'000);
  const UniqueFd film = test::film_with(content);
  auto [answer, client] = test::tcp_pair(1 << 18);
  for (protocol::RequestId id = 1; id <= 200; ++id) {
    Serve request = request_of(id, id % 3 == 0 ? "bytes=100-20099" : "");
    request.head = id % 2 == 0;
    const std::string whole = expected(request, film.get(), content);
    REQUIRE(server.ask(request, {answer.get(), film.get()}));
    REQUIRE(test::read_some(client.get(), whole.size()) == whole);
    REQUIRE(server.done().id == id);
  }
}

TEST_CASE("as many transfers as are allowed at once, and one more is refused") {
  const std::size_t before = test::open_descriptors();
  {
    const test::ServerHarness server;
    const std::string content = test::film_text(1'500'000);
    const UniqueFd film = test::film_with(content);
    const std::string whole = expected(request_of(0), film.get(), content);
    std::vector<UniqueFd> clients;
    for (protocol::RequestId id = 1; id <= 64; ++id) {
      auto [answer, client] = test::socket_pair(SOCK_STREAM);
      REQUIRE(server.ask(request_of(id), {answer.get(), film.get()}));
      clients.push_back(std::move(client));
    }
    {
      auto [answer, client] = test::socket_pair(SOCK_STREAM);
      REQUIRE(server.ask(request_of(65), {answer.get(), film.get()}));
      const Done refused = server.done();
      CHECK(refused.id == 65);
      CHECK(refused.outcome == Outcome::internal);
      CHECK(refused.bytes == 0);
    }
    std::set<protocol::RequestId> ended;
    for (const UniqueFd& client : clients) {
      REQUIRE(test::read_some(client.get(), whole.size()) == whole);
      const Done done = server.done();
      REQUIRE(done.outcome == Outcome::complete);
      ended.insert(done.id);
    }
    CHECK(ended.size() == 64);
  }
  CHECK(test::open_descriptors() == before);
}

TEST_CASE("a client that closes in the middle") {
  const test::ServerHarness server;
  const std::string content = test::film_text(3'000'000);
  const UniqueFd film = test::film_with(content);
  std::pair<UniqueFd, UniqueFd> ends;
  SUBCASE("TCP") {
    ends = test::tcp_pair(4096);
  }
  SUBCASE("Unix socket") {
    ends = test::socket_pair(SOCK_STREAM);
  }
  SUBCASE("pipe") {
    int fds[2] = {-1, -1};
    REQUIRE(::pipe2(fds, O_NONBLOCK | O_CLOEXEC) == 0);
    ends = {UniqueFd(fds[1]), UniqueFd(fds[0])};
  }
  REQUIRE(server.ask(request_of(1), {ends.first.get(), film.get()}));
  CHECK(test::read_some(ends.second.get(), 1000).size() == 1000);
  ends.second.reset();
  const Done done = server.done();
  CHECK(done.outcome == Outcome::client_gone);
  CHECK(done.bytes >= 1000);
  CHECK(done.bytes < 3'000'000);
}

TEST_CASE("a film that is cut while it is sent") {
  const test::ServerHarness server;
  const std::string content = test::film_text(3'000'000);
  const UniqueFd film = test::film_with(content);
  std::size_t cut = 0;
  SUBCASE("inside a long run") {
    cut = 2'000'000;
  }
  SUBCASE("inside its last, short part") {
    cut = 2'999'999;
  }
  auto [answer, client] = test::tcp_pair(4096);
  REQUIRE(server.ask(request_of(1), {answer.get(), film.get()}));
  CHECK(test::read_some(client.get(), 1000).size() == 1000);
  REQUIRE(::ftruncate(film.get(), static_cast<off_t>(cut)) == 0);
  answer.reset();
  test::read_some(client.get(), content.size() * 2);
  const Done done = server.done();
  CHECK(done.outcome == Outcome::film_error);
  CHECK(done.bytes <= cut + 1000);
  CHECK(!done.detail.empty());
}

TEST_CASE("a segment of many short runs between made bytes") {
  test::ServerHarness server;
  const std::string content = test::film_text(480'000 + 2 * kSmallRun);
  const UniqueFd film = test::film_with(content);
  const UniqueFd index = test::film_with("index");
  Packaged packaged{"audio/mp4", {MadeBytes("moof")}};
  for (std::uint64_t i = 0; i < 1200; ++i) {
    packaged.body.emplace_back(FilmBytes{i * 400, i % 50 == 0 ? kSmallRun : 300});
    if (i % 7 == 0) {
      packaged.body.emplace_back(MadeBytes("made"));
    }
  }
  server.packager.make = [&](const Serve&) { return Result<Packaged>(packaged); };
  const std::string body = test::rendered(packaged.body, content);
  auto [answer, client] = test::tcp_pair(1 << 16);
  Serve request = request_of(1);
  request.resource = Resource::segment;
  REQUIRE(server.ask(request, {answer.get(), film.get(), index.get()}));
  std::string got;
  while (got.find("\r\n\r\n") == std::string::npos) {
    got += test::read_some(client.get(), 1, 1);
  }
  CHECK(test::read_some(client.get(), body.size()) == body);
  const Done done = server.done();
  CHECK(done.outcome == Outcome::complete);
  CHECK(done.bytes == got.size() + body.size());
}

TEST_CASE("an index that cannot be used is answered and reported") {
  test::ServerHarness server;
  server.packager.make = [](const Serve&) {
    return Result<Packaged>(make_error(ErrorKind::invalid, std::string(5000, 'x')));
  };
  const UniqueFd film = test::film_with("film");
  auto [answer, client] = test::socket_pair(SOCK_STREAM);
  Serve request = request_of(1);
  request.resource = Resource::master;
  REQUIRE(server.ask(request, {answer.get(), film.get(), film.get()}));
  const Done done = server.done();
  CHECK(done.outcome == Outcome::bad_index);
  CHECK(done.status == 503);
  CHECK(done.detail == std::string(protocol::kMaxText, 'x'));
  CHECK(test::read_some(client.get(), done.bytes).find("urn:carrel:problem:index-damaged") !=
        std::string::npos);
}

TEST_CASE("a damaged variant is left out and reported; where nothing is left, that is no 404") {
  test::ServerHarness server;
  server.packager.bad = protocol::bit_of_variant(1);
  const UniqueFd film = test::film_with("film");
  auto [answer, client] = test::socket_pair(SOCK_STREAM);
  Serve request = request_of(1);
  request.resource = Resource::master;
  request.variants = {"720p", "480p"};
  request.retry_after = 5;
  const std::vector<int> descriptors{answer.get(), film.get(), film.get(), film.get(), film.get()};
  SUBCASE("others are offered") {
    server.packager.make = [](const Serve&) {
      Packaged packaged{"application/vnd.apple.mpegurl", {}};
      packaged.body.emplace_back(MadeBytes("#EXTM3U\n"));
      return Result<Packaged>(std::move(packaged));
    };
    REQUIRE(server.ask(request, descriptors));
    const Done done = server.done();
    CHECK(done.outcome == Outcome::complete);
    CHECK(done.status == 200);
    CHECK(done.bad_variants == 2);
  }
  SUBCASE("there is nothing else") {
    REQUIRE(server.ask(request, descriptors));
    const Done done = server.done();
    CHECK(done.outcome == Outcome::bad_index);
    CHECK(done.status == 503);
    CHECK(done.bad_variants == 2);
    CHECK(test::read_some(client.get(), done.bytes).find("\r\nRetry-After: 5\r\n") != std::string::npos);
  }
}

TEST_CASE("requests with the wrong descriptors are refused and leak nothing") {
  const std::size_t before = test::open_descriptors();
  {
    const test::ServerHarness server;
    const UniqueFd film = test::film_with("film");
    const test::TemporaryFolder folder;
    auto [answer, client] = test::socket_pair(SOCK_STREAM);
    Serve request = request_of(1);
    SUBCASE("none") {
      REQUIRE(server.ask(request, {}));
    }
    SUBCASE("no film") {
      REQUIRE(server.ask(request, {answer.get()}));
    }
    SUBCASE("an index too many") {
      REQUIRE(server.ask(request, {answer.get(), film.get(), film.get()}));
    }
    SUBCASE("no index") {
      request.resource = Resource::init;
      REQUIRE(server.ask(request, {answer.get(), film.get()}));
    }
    SUBCASE("a film that is a socket") {
      REQUIRE(server.ask(request, {answer.get(), client.get()}));
    }
    SUBCASE("an answer that blocks") {
      REQUIRE(::fcntl(answer.get(), F_SETFL, 0) == 0);
      REQUIRE(server.ask(request, {answer.get(), film.get()}));
    }
    SUBCASE("an answer that cannot be waited for") {
      const UniqueFd directory(
          ::open(folder.path().c_str(), O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC));
      REQUIRE(server.ask(request, {directory.get(), film.get()}));
    }
    const Done done = server.done();
    CHECK(done.id == 1);
    CHECK(done.outcome == Outcome::internal);
    CHECK(done.bytes == 0);
    CHECK(!done.detail.empty());
  }
  CHECK(test::open_descriptors() == before);
}

TEST_CASE("a daemon that is slow to read Done loses none") {
  const test::ServerHarness server;
  const UniqueFd film = test::film_with("film");
  auto [answer, client] = test::socket_pair(SOCK_STREAM);
  constexpr protocol::RequestId count = 3000;
  protocol::RequestId asked = 0, ended = 0;
  Serve request = request_of(0);
  request.skip =
      expected(request, film.get(), "film").size();  // nothing to send, so that only Done takes room
  const std::vector<int> fds = {answer.get(), film.get()};
  while (ended < count) {
    for (; asked < count; ++asked) {
      request.id = asked + 1;
      const auto sent = protocol::send(server.control.get(), request, fds);
      if (!sent) {
        REQUIRE(sent.error().kind == ErrorKind::busy);
        break;
      }
    }
    const Done done = server.done();
    REQUIRE(done.id != 0);
    REQUIRE(done.outcome == Outcome::complete);
    ++ended;
  }
}

TEST_CASE("anything but Serve ends the connection") {
  const test::ServerHarness server;
  REQUIRE(protocol::send(server.control.get(), protocol::Done{}).has_value());
  CHECK(!test::next_message(server.control.get()));
}

TEST_CASE("a ping is answered at once, in the middle of an answer too") {
  const test::ServerHarness server;
  const UniqueFd film = test::film_with(test::film_text(3'000'000));
  auto [slow, slow_client] = test::tcp_pair(2048);
  REQUIRE(server.ask(request_of(1), {slow.get(), film.get()}));
  test::read_some(slow_client.get(), 500);
  REQUIRE(protocol::send(server.control.get(), protocol::Ping{77}).has_value());
  const auto answer = test::next_message(server.control.get());
  REQUIRE(answer.has_value());
  REQUIRE(std::holds_alternative<protocol::Pong>(*answer));
  CHECK(std::get<protocol::Pong>(*answer).id == 77);
}

TEST_CASE("Done says when the first byte could be sent") {
  const test::ServerHarness server;
  const UniqueFd film = test::film_with("a film");
  auto [answer, client] = test::socket_pair(SOCK_STREAM);
  std::size_t ahead = 0;
  const std::string block(4096, '.');
  for (ssize_t sent = 0; sent >= 0;) {
    sent = ::send(answer.get(), block.data(), block.size(), MSG_NOSIGNAL);
    ahead += static_cast<std::size_t>(std::max<ssize_t>(sent, 0));
  }
  const auto asked = std::chrono::steady_clock::now();
  REQUIRE(server.ask(request_of(1), {answer.get(), film.get()}));
  // Once this is answered the request has been looked at, and found no room.
  REQUIRE(protocol::send(server.control.get(), protocol::Ping{1}).has_value());
  REQUIRE(test::next_message(server.control.get()));
  REQUIRE(test::read_some(client.get(), ahead).size() == ahead);
  const Done done = server.done();
  CHECK(done.bytes > 0);
  CHECK(done.first_byte_us > 0);
  CHECK(std::chrono::microseconds(done.first_byte_us) <= std::chrono::steady_clock::now() - asked);
}
