#include <doctest/doctest.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

#include "tests/unit/streamer/loopback.hpp"
#include "tests/unit/streamer/server_harness.hpp"

using namespace carrel;
using namespace carrel::streamer;
using protocol::Done;
using protocol::Outcome;
using protocol::Serve;

namespace {

/// What takes as many turns as the test wants, and tells how many it had.
class SlowMaker : public BodyMaker {
 public:
  explicit SlowMaker(std::string bytes) : bytes_(std::move(bytes)) {}

  bool prepared() const override { return may_end_ && turns_ > 0; }
  Result<void> prepare(int, std::chrono::steady_clock::time_point) override {
    const std::lock_guard lock(mutex_);
    ++turns_;
    changed_.notify_all();
    if (fails_) return make_error(ErrorKind::invalid, "the film ends");
    return {};
  }
  Result<void> make(int, std::uint64_t offset, std::span<char> into) override {
    bytes_.copy(into.data(), into.size(), static_cast<std::size_t>(offset));
    return {};
  }

  void may_end() { may_end_ = true; }
  void fails() { fails_ = true; }
  /// Waits until it had `count` turns more.
  bool worked(std::size_t count) {
    std::unique_lock lock(mutex_);
    const std::size_t wished = turns_ + count;
    return changed_.wait_for(lock, std::chrono::milliseconds(test::kPatienceMs),
                             [&] { return turns_ >= wished; });
  }
  [[nodiscard]] std::size_t turns() const { return turns_; }

 private:
  std::string bytes_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<std::size_t> turns_ = 0;
  std::atomic<bool> may_end_ = false, fails_ = false;
};

/// A server whose segment n is made by makers[n].
struct Harness {
  explicit Harness(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
      makers.push_back(std::make_shared<SlowMaker>("made " + std::to_string(i)));
    server.packager.make = [this](const Serve& request) -> Result<Packaged> {
      Packaged packaged{"audio/mp4", {}};
      packaged.body.emplace_back(LaterBytes{makers.at(request.segment), 0, 6});
      return packaged;
    };
  }
  [[nodiscard]] bool ask(std::uint32_t segment, int answer, bool head = false) const {
    Serve request;
    request.id = segment + 1;
    request.resource = protocol::Resource::segment;
    request.segment = segment;
    request.date = 2'000'000'000;
    request.head = head;
    return server.ask(request, {answer, film.get(), film.get()});
  }

  UniqueFd film = test::film_with("film");
  std::vector<std::shared_ptr<SlowMaker>> makers;
  test::ServerHarness server;
};

/// Up to the end of the header.
std::string header_from(int client) {
  std::string header;
  while (!header.ends_with("\r\n\r\n")) {
    const std::string next = test::read_some(client, 1);
    if (next.empty()) break;
    header += next;
  }
  return header;
}

}  // namespace

TEST_CASE("the header goes out before the body is made, and others are served meanwhile") {
  const Harness harness(1);
  auto [answer, client] = test::tcp_pair(1 << 16);
  REQUIRE(harness.ask(0, answer.get()));
  CHECK(header_from(client.get()).find("Content-Length: 6\r\n") != std::string::npos);
  REQUIRE(harness.makers[0]->worked(3));

  REQUIRE(protocol::send(harness.server.control.get(), protocol::Ping{.id = 9}).has_value());
  const auto pong = test::next_message(harness.server.control.get());
  REQUIRE(pong);
  CHECK(std::get<protocol::Pong>(*pong).id == 9);
  auto [other, other_client] = test::tcp_pair(1 << 16);
  Serve original;
  original.id = 5;
  original.date = 2'000'000'000;
  REQUIRE(harness.server.ask(original, {other.get(), harness.film.get()}));
  CHECK(harness.server.done().id == 5);

  harness.makers[0]->may_end();
  CHECK(test::read_some(client.get(), 6) == "made 0");
  const Done done = harness.server.done();
  CHECK(done.id == 1);
  CHECK(done.outcome == Outcome::complete);
}

TEST_CASE("one is made after the other, in the order of asking") {
  const Harness harness(3);
  std::vector<std::pair<UniqueFd, UniqueFd>> ends;
  for (std::uint32_t i = 0; i < 3; ++i) {
    ends.push_back(test::tcp_pair(1 << 16));
    REQUIRE(harness.ask(i, ends[i].first.get()));
  }
  REQUIRE(harness.makers[0]->worked(3));
  CHECK(harness.makers[1]->turns() == 0);
  for (std::uint32_t i = 0; i < 3; ++i) {
    harness.makers[i]->may_end();
    CHECK(harness.server.done().id == i + 1);
    CHECK(header_from(ends[i].second.get()).starts_with("HTTP/1.1 200"));
    CHECK(test::read_some(ends[i].second.get(), 6) == "made " + std::to_string(i));
  }
}

TEST_CASE("a HEAD needs nothing to be made") {
  const Harness harness(1);
  auto [answer, client] = test::tcp_pair(1 << 16);
  REQUIRE(harness.ask(0, answer.get(), true));
  CHECK(harness.server.done().outcome == Outcome::complete);
  CHECK(header_from(client.get()).find("Content-Length: 6\r\n") != std::string::npos);
  CHECK(harness.makers[0]->turns() == 0);
}

TEST_CASE("nothing is made on for a client that has gone, and whoever half closes is last") {
  const Harness harness(3);
  auto [gone, gone_client] = test::socket_pair(SOCK_STREAM);
  REQUIRE(harness.ask(0, gone.get()));
  REQUIRE(harness.makers[0]->worked(1));
  gone_client.reset();
  const Done done = harness.server.done();
  CHECK(done.id == 1);
  CHECK(done.outcome == Outcome::client_gone);

  auto [half, half_client] = test::tcp_pair(1 << 16);
  auto [whole, whole_client] = test::tcp_pair(1 << 16);
  REQUIRE(harness.ask(1, half.get()));
  REQUIRE(harness.makers[1]->worked(1));
  REQUIRE(harness.ask(2, whole.get()));
  REQUIRE(::shutdown(half_client.get(), SHUT_WR) == 0);
  REQUIRE(harness.makers[2]->worked(1));
  harness.makers[2]->may_end();
  CHECK(harness.server.done().id == 3);
  harness.makers[1]->may_end();
  CHECK(harness.server.done().id == 2);
  CHECK(header_from(half_client.get()).starts_with("HTTP/1.1 200"));
  CHECK(test::read_some(half_client.get(), 6) == "made 1");
}

TEST_CASE("what cannot be made ends the answer") {
  const Harness harness(1);
  harness.makers[0]->fails();
  auto [answer, client] = test::tcp_pair(1 << 16);
  REQUIRE(harness.ask(0, answer.get()));
  const Done done = harness.server.done();
  CHECK(done.outcome == Outcome::film_error);
  CHECK(done.detail == "the film ends");
}
