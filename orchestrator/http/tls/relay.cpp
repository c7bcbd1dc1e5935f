#include "orchestrator/http/tls/relay.hpp"

#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <span>
#include <utility>

namespace carrel::http::tls {

namespace asio = boost::asio;
using asio::ip::tcp;
using asio::local::stream_protocol;

namespace {

constexpr auto kToken = asio::as_tuple(asio::use_awaitable);
constexpr char kHandshake = 22;  // ContentType of RFC 8446 section 5.1
constexpr std::size_t kReceived = 4096;
// After so many records somebody else has a turn.
constexpr unsigned kTurn = 4;

}  // namespace

Relay::Relay(tcp::socket client, std::shared_ptr<const openssl::ServerContext> certificate,
             const RelayLimits& limits)
    : limits_(limits),
      client_(std::move(client)),
      session_(std::move(certificate), client_.native_handle()),
      pair_(client_.get_executor()),
      deadline_(client_.get_executor()) {
  acknowledged_before_ = acknowledged();
}

asio::awaitable<Relay::Greeting> Relay::greet() {
  expect_end(limits_.handshake);
  char first = 0;
  for (ssize_t size = 0; size != 1;) {
    auto [error] = co_await client_.async_wait(tcp::socket::wait_read, kToken);
    if (error || dead_) co_return Greeting::nobody;
    size = ::recv(client_.native_handle(), &first, 1, MSG_PEEK | MSG_DONTWAIT);
    // The wait may end for what an earlier socket of the same number was told.
    if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR)) co_return Greeting::nobody;
  }
  if (first != kHandshake) co_return Greeting::plain;
  for (;;) {
    const Step step = session_.accept();
    if (step.state == Step::State::done) break;
    const bool go_on = co_await ready_for(step);
    if (!go_on) co_return Greeting::nobody;
  }
  expect_nothing();
  co_return dead_ ? Greeting::nobody : Greeting::encrypted;
}

Result<stream_protocol::socket> Relay::open() {
  stream_protocol::socket other(client_.get_executor());
  boost::system::error_code error;
  asio::local::connect_pair(pair_, other, error);
  if (!error) pair_.non_blocking(true, error);
  if (!error) other.non_blocking(true, error);
  if (error) return make_error(ErrorKind::unavailable, "make a socket pair: " + error.message());
  return other;
}

asio::awaitable<bool> Relay::ready_for(Step step) {
  const bool waits = step.state == Step::State::want_read || step.state == Step::State::want_write;
  if (!waits || dead_) co_return false;
  const auto what = step.state == Step::State::want_read ? tcp::socket::wait_read : tcp::socket::wait_write;
  auto [error] = co_await client_.async_wait(what, kToken);
  co_return !error && !dead_;
}

asio::awaitable<bool> Relay::encrypt(std::span<const char> bytes) {
  for (bool waited = false;; waited = true) {
    const Step step = session_.write(bytes);
    if (step.state == Step::State::done) {
      if (waited) expect_nothing();
      co_return true;
    }
    if (!waited) expect_progress(limits_.stall);
    const bool go_on = co_await ready_for(step);
    if (!go_on) co_return false;
  }
}

asio::awaitable<void> Relay::send(std::shared_ptr<Relay> self) {
  // Given back while there is nothing to send: most connections wait most of the time.
  std::vector<char> record;
  for (unsigned turn = 1;; ++turn) {
    record.resize(openssl::Session::kMaxRecord);
    const ssize_t size = ::recv(self->pair_.native_handle(), record.data(), record.size(), MSG_DONTWAIT);
    if (size < 0 && errno == EAGAIN) {
      std::vector<char>().swap(record);
      auto [error] = co_await self->pair_.async_wait(stream_protocol::socket::wait_read, kToken);
      if (error) break;
      continue;
    }
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0 || self->dead_) break;
    self->taken_ += static_cast<std::uint64_t>(size);
    const std::span<const char> bytes(record.data(), static_cast<std::size_t>(size));
    const bool sent = co_await self->encrypt(bytes);
    if (!sent) {
      self->cut();
      break;
    }
    self->marks_.add(self->session_.sent(), self->taken_);
    if (turn % kTurn == 0) {
      co_await asio::post(self->client_.get_executor(), asio::use_awaitable);
    }
  }
  self->tell_end();
}

void Relay::tell_end() {
  told_end_ = true;
  if (dead_) return;
  const Step told = session_.close();
  // What does not fit any more is not waited for: the length of each answer says whether all of it came.
  static_cast<void>(told);
  ::shutdown(client_.native_handle(), SHUT_WR);
  expect_end(limits_.linger);
}

asio::awaitable<void> Relay::receive(std::shared_ptr<Relay> self) {
  std::array<char, kReceived> room{};
  for (;;) {
    const Step step = self->session_.read(room);
    if (step.state == Step::State::done) {
      const std::span<const char> bytes(room.data(), step.bytes);
      const bool passed = co_await self->pass_on(bytes);
      if (!passed) break;
      continue;
    }
    if (step.state == Step::State::failed) self->cut();
    const bool go_on = co_await self->ready_for(step);
    if (!go_on) break;
  }
  // The client is heard no more; what it is owed goes on.
  ::shutdown(self->pair_.native_handle(), SHUT_WR);
  if (self->told_end_) self->expect_nothing();
}

asio::awaitable<bool> Relay::pass_on(std::span<const char> bytes) {
  while (!bytes.empty() && !dead_) {
    const ssize_t size =
        ::send(pair_.native_handle(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (size >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(size));
      continue;
    }
    // Nobody reads it: the client goes on sending after the end, and is heard out.
    if (errno != EAGAIN && errno != EINTR) co_return true;
    auto [error] = co_await pair_.async_wait(stream_protocol::socket::wait_write, kToken);
    if (error) co_return false;
  }
  co_return !dead_;
}

void Relay::expect_end(std::chrono::milliseconds time) {
  deadline_.expires_after(time);
  deadline_.async_wait([self = weak_from_this()](boost::system::error_code error) {
    const auto relay = self.lock();
    if (!error && relay) relay->cut();
  });
}

void Relay::expect_progress(std::chrono::milliseconds time) {
  deadline_.expires_after(time);
  deadline_.async_wait(
      [self = weak_from_this(), time, before = acknowledged()](boost::system::error_code error) {
        const auto relay = self.lock();
        if (error || !relay) return;
        relay->acknowledged() == before ? relay->cut() : relay->expect_progress(time);
      });
}

std::uint64_t Relay::acknowledged() const {
  const auto seen = sandbox::socket_progress(tcp());
  return seen ? seen->acknowledged : 0;
}

int Relay::tcp() const {
  // asio's is not const.
  return const_cast<tcp::socket&>(client_).native_handle();
}

std::optional<sandbox::SocketProgress> Relay::progress() const {
  int waiting = 0;
  if (::ioctl(const_cast<stream_protocol::socket&>(pair_).native_handle(), FIONREAD, &waiting) != 0) {
    return std::nullopt;
  }
  const auto seen = sandbox::socket_progress(tcp());
  if (!seen) return std::nullopt;
  const std::uint64_t sent = seen->acknowledged - std::min(seen->acknowledged, acknowledged_before_);
  return sandbox::SocketProgress{taken_ + static_cast<std::uint64_t>(waiting), marks_.acknowledged(sent)};
}

bool Relay::lost() const {
  return dead_ || sandbox::connection_lost(tcp());
}

void Relay::cut() {
  // Neither is closed, so that both are still what others know by their numbers.
  dead_ = true;
  deadline_.cancel();
  ::shutdown(tcp(), SHUT_RDWR);
  if (pair_.is_open()) ::shutdown(pair_.native_handle(), SHUT_RDWR);
}

}  // namespace carrel::http::tls
