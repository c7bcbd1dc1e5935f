#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/lib/curl/client.hpp"
#include "tests/unit/engine/fake_engine.hpp"
#include "tests/unit/engine/run.hpp"

namespace carrel::curl {
namespace {

using namespace std::chrono_literals;
using Cause = Failure::Cause;
using test::FakeEngine;
namespace asio = boost::asio;

struct Bench {
  explicit Bench(Client::Limits limits = {}) : client(io.get_executor(), limits) {}

  Outcome perform(Request request) { return test::run(io, client.perform(std::move(request))); }

  asio::io_context io;
  Client client;
};

Request get(const std::string& socket, std::chrono::milliseconds timeout = 10s) {
  Request request;
  request.unix_socket = socket;
  request.path = "/thing";
  request.timeout = timeout;
  return request;
}

Cause cause_of(const Outcome& outcome) {
  REQUIRE(outcome.has_error());
  CHECK_FALSE(outcome.error().message.empty());
  return outcome.error().cause;
}

/// A socket with a name on which nobody listens.
class BoundSocket {
 public:
  BoundSocket() {
    ::unlink(path_.c_str());
    address_.sun_family = AF_UNIX;
    path_.copy(address_.sun_path, sizeof(address_.sun_path) - 1);
    REQUIRE(::bind(socket_.get(), generic(), sizeof(address_)) == 0);
  }
  ~BoundSocket() { ::unlink(path_.c_str()); }
  BoundSocket(const BoundSocket&) = delete;
  BoundSocket& operator=(const BoundSocket&) = delete;

  void listen_with_full_backlog() const {
    REQUIRE(::listen(socket_.get(), 0) == 0);
    REQUIRE(::connect(filler_.get(), generic(), sizeof(address_)) == 0);
  }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  [[nodiscard]] const sockaddr* generic() const {
    return static_cast<const sockaddr*>(static_cast<const void*>(&address_));
  }

  std::string path_ =
      (std::filesystem::temp_directory_path() / ("carrel-bound-" + std::to_string(::getpid()))).string();
  sockaddr_un address_{};
  UniqueFd socket_{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  UniqueFd filler_{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
};

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

TEST_CASE("a request arrives as it was asked for, and its answer comes back") {
  FakeEngine engine([](const std::string&) { return test::answer(201, "{\"Id\":\"x\"}"); });
  Bench bench;
  Request request = get(engine.socket());
  request.method = "POST";
  request.path = "/v1.41/a/../b?x=%20";
  request.headers = {"Content-Type: application/json"};
  request.body = std::string(300'000, 'b');

  const Outcome outcome = bench.perform(request);

  REQUIRE(outcome.has_value());
  CHECK(outcome->status == 201);
  CHECK(outcome->body == "{\"Id\":\"x\"}");
  const std::string sent = engine.requests().at(0);
  CHECK(sent.starts_with("POST /v1.41/a/../b?x=%20 HTTP/1.1\r\n"));
  CHECK(sent.find("Content-Type: application/json\r\n") != std::string::npos);
  CHECK(sent.find("Expect") == std::string::npos);
  CHECK(sent.ends_with("\r\n\r\n" + request.body));
}

TEST_CASE("an empty POST has a length, a DELETE keeps its method") {
  FakeEngine engine([](const std::string&) { return std::string("HTTP/1.1 204 No Content\r\n\r\n"); });
  Bench bench;
  Request request = get(engine.socket());
  for (const char* method : {"POST", "DELETE"}) {
    request.method = method;
    const Outcome outcome = bench.perform(request);
    REQUIRE(outcome.has_value());
    CHECK(outcome->status == 204);
  }
  CHECK(engine.requests().at(0).find("Content-Length: 0\r\n") != std::string::npos);
  CHECK(engine.requests().at(1).starts_with("DELETE /thing "));
}

TEST_CASE("a socket that is missing, or on which nobody listens, has its own cause") {
  Bench bench;
  CHECK(cause_of(bench.perform(get("/nonexistent/engine.sock"))) == Cause::missing);
  const BoundSocket bound;
  CHECK(cause_of(bench.perform(get(bound.path()))) == Cause::refused);
}

TEST_CASE("each way of not answering ends within the deadline with its own cause") {
  Bench bench;
  const auto start = std::chrono::steady_clock::now();

  SUBCASE("nothing at all") {
    FakeEngine engine([](const std::string&) { return std::string(1, FakeEngine::kHold); });
    CHECK(cause_of(bench.perform(get(engine.socket(), 200ms))) == Cause::timeout);
  }
  SUBCASE("half of a body, then nothing") {
    FakeEngine engine([](const std::string&) {
      return std::string("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf") + FakeEngine::kHold;
    });
    CHECK(cause_of(bench.perform(get(engine.socket(), 200ms))) == Cause::timeout);
  }
  SUBCASE("no head within the head's own deadline") {
    FakeEngine engine([](const std::string&) { return std::string(1, FakeEngine::kHold); });
    Request request = get(engine.socket(), 0ms);
    request.head_timeout = 200ms;
    CHECK(cause_of(bench.perform(request)) == Cause::timeout);
  }
  SUBCASE("closed without a word") {
    FakeEngine engine([](const std::string&) { return std::string(); });
    CHECK(cause_of(bench.perform(get(engine.socket()))) == Cause::broken);
  }
  SUBCASE("closed in the middle of a body") {
    FakeEngine engine(
        [](const std::string&) { return std::string("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"); });
    CHECK(cause_of(bench.perform(get(engine.socket()))) == Cause::broken);
  }
  SUBCASE("closed in the middle of a chunk") {
    FakeEngine engine([](const std::string&) {
      return std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nhalf");
    });
    CHECK(cause_of(bench.perform(get(engine.socket()))) == Cause::broken);
  }
  SUBCASE("garbage") {
    FakeEngine engine([](const std::string&) { return std::string("\x16\x03\x01 no HTTP \xff\xfe"); });
    CHECK(cause_of(bench.perform(get(engine.socket()))) == Cause::broken);
  }
  SUBCASE("a body beyond the bound") {
    FakeEngine engine([](const std::string&) { return test::answer(200, std::string(200'000, 'x')); });
    Request request = get(engine.socket());
    request.max_response_bytes = 100'000;
    CHECK(cause_of(bench.perform(request)) == Cause::too_large);
  }
  SUBCASE("an endless head") {
    FakeEngine engine([](const std::string&) {
      std::string head = "HTTP/1.1 200 OK\r\n";
      for (int i = 0; i < 20'000; ++i) head += "X-Filler: 0123456789\r\n";
      return head + FakeEngine::kHold;
    });
    CHECK(cause_of(bench.perform(get(engine.socket()))) == Cause::too_large);
  }
  CHECK(seconds_since(start) < 5);
}

TEST_CASE("an engine that accepts nothing is a timeout") {
  const BoundSocket bound;
  bound.listen_with_full_backlog();
  Bench bench;
  const Outcome outcome = bench.perform(get(bound.path(), 300ms));
  CAPTURE(outcome.error().message);
  CHECK(cause_of(outcome) == Cause::timeout);
}

TEST_CASE("the bound of pending requests holds and frees itself") {
  FakeEngine engine([](const std::string&) { return std::string(1, FakeEngine::kHold); });
  Client::Limits limits;
  limits.pending = 2;
  Bench bench(limits);
  std::vector<Cause> causes;
  const auto collect = [&](std::exception_ptr, const Outcome& outcome) {
    causes.push_back(cause_of(outcome));
  };
  for (int i = 0; i < 3; ++i) {
    asio::co_spawn(bench.io, bench.client.perform(get(engine.socket(), 300ms)), collect);
  }
  REQUIRE(test::run_until(bench.io, [&] { return causes.size() == 3; }));
  CHECK(causes == std::vector<Cause>{Cause::busy, Cause::timeout, Cause::timeout});
  CHECK(cause_of(bench.perform(get(engine.socket(), 50ms))) == Cause::timeout);
}

TEST_CASE("a cancelled caller goes on at once") {
  FakeEngine engine([](const std::string&) { return std::string(1, FakeEngine::kHold); });
  Bench bench;
  for (const std::chrono::milliseconds timeout : {0s, 30s}) {
    asio::cancellation_signal signal;
    bool ended = false;
    const auto start = std::chrono::steady_clock::now();
    asio::co_spawn(bench.io, bench.client.perform(get(engine.socket(), timeout)),
                   asio::bind_cancellation_slot(signal.slot(),
                                                [&](std::exception_ptr, const Outcome&) { ended = true; }));
    REQUIRE(test::run_until(bench.io, [&] { return engine.requests().size() > (timeout == 0ms ? 0 : 1); }));
    signal.emit(asio::cancellation_type::terminal);
    REQUIRE(test::run_until(bench.io, [&] { return ended; }));
    CHECK(seconds_since(start) < 10);
  }
}

TEST_CASE("destroying the client ends at once what would never end") {
  FakeEngine engine([](const std::string&) { return std::string(1, FakeEngine::kHold); });
  asio::io_context io;
  auto client = std::make_unique<Client>(io.get_executor(), Client::Limits{});
  std::vector<Cause> causes;
  for (int i = 0; i < 4; ++i) {
    asio::co_spawn(io, client->perform(get(engine.socket(), 0ms)),
                   [&](std::exception_ptr, const Outcome& outcome) { causes.push_back(cause_of(outcome)); });
  }
  REQUIRE(test::run_until(io, [&] { return !engine.requests().empty(); }));
  io.poll();  // all four have begun
  const auto start = std::chrono::steady_clock::now();
  client.reset();
  CHECK(seconds_since(start) < 10);
  REQUIRE(test::run_until(io, [&] { return causes.size() == 4; }));
  CHECK(causes == std::vector<Cause>(4, Cause::stopped));
}

TEST_CASE("a context that is never run again frees the waiting coroutines") {
  FakeEngine engine([](const std::string&) { return std::string(1, FakeEngine::kHold); });
  asio::io_context io;
  Client client(io.get_executor(), Client::Limits{});
  bool ended = false;
  asio::co_spawn(io, client.perform(get(engine.socket(), 0ms)),
                 [&](std::exception_ptr, const Outcome&) { ended = true; });
  REQUIRE(test::run_until(io, [&] { return !engine.requests().empty(); }));
  CHECK_FALSE(ended);
}

TEST_CASE("a stream comes in order, whole, through a window smaller than itself") {
  std::string text;
  for (int i = 0; text.size() < 3'000'000; ++i) text += std::to_string(i) + '\n';
  FakeEngine engine([&](const std::string&) { return "HTTP/1.1 200 OK\r\n\r\n" + text; });
  Client::Limits limits;
  limits.stream_window = 40'000;
  Bench bench(limits);
  std::string got;
  int heads = 0;
  std::optional<Outcome> end;
  StreamHandlers handlers;
  handlers.on_head = [&] { ++heads; };
  handlers.on_chunk = [&](const std::string& bytes) { got += bytes; };
  handlers.on_done = [&](Outcome outcome) { end = std::move(outcome); };
  const auto stream = bench.client.stream(get(engine.socket()), std::move(handlers));
  REQUIRE(test::run_until(bench.io, [&] { return end.has_value(); }));
  CHECK(heads == 1);
  CHECK(got == text);
  REQUIRE(end->has_value());
  CHECK((*end)->body.empty());
}

TEST_CASE("a stream that is refused gives the answer's body") {
  FakeEngine engine([](const std::string&) { return test::answer(400, "no such filter"); });
  Bench bench;
  std::optional<Outcome> end;
  StreamHandlers handlers;
  handlers.on_head = [] { FAIL("a head that is no success"); };
  handlers.on_chunk = [](const std::string&) { FAIL("a chunk of an error"); };
  handlers.on_done = [&](Outcome outcome) { end = std::move(outcome); };
  const auto stream = bench.client.stream(get(engine.socket()), std::move(handlers));
  REQUIRE(test::run_until(bench.io, [&] { return end.has_value(); }));
  REQUIRE(end->has_value());
  CHECK((*end)->status == 400);
  CHECK((*end)->body == "no such filter");
}

TEST_CASE("no handler is called once the stream is destroyed, from a handler too") {
  FakeEngine engine([](const std::string&) {
    return std::string("HTTP/1.1 200 OK\r\n\r\nsome bytes") + FakeEngine::kHold;
  });
  Bench bench;
  std::unique_ptr<Stream> stream;
  int calls = 0;
  StreamHandlers handlers;
  handlers.on_head = [] {};
  handlers.on_chunk = [&](const std::string&) {
    ++calls;
    stream.reset();
  };
  handlers.on_done = [&](const Outcome&) { ++calls; };
  stream = bench.client.stream(get(engine.socket(), 0ms), std::move(handlers));
  REQUIRE(test::run_until(bench.io, [&] { return calls > 0; }));
  // The server sees the client go, and serves the next one: the first transfer has ended.
  const Outcome next = bench.perform(get(engine.socket(), 200ms));
  CHECK(next.has_value() == false);
  CHECK(calls == 1);
}

}  // namespace carrel::curl
