#include "tests/load/connection.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http.hpp>
#include <cerrno>
#include <memory>

namespace carrel::load {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

namespace {

/// A slow line is slow only if the kernel does not take the film off it for the client.
constexpr int kSlowReceiveBuffer = 64 << 10;
constexpr std::uint64_t kSlowReadBytes = 32 << 10;
constexpr std::uint64_t kMostDiscardedAtOnce = 1 << 20;
constexpr std::uint64_t kMostText = 8 << 20;
/// A late wake-up is made good; a pause between requests is not.
constexpr std::chrono::milliseconds kCatchUp{50};

struct Wait {
  bool ended = false;
  bool too_long = false;
};

}  // namespace

Connection::Connection(asio::any_io_executor executor, Line line)
    : line_(line), socket_(executor), timer_(executor) {}

void Connection::abort() {
  ++generation_;
  boost::system::error_code ignored;
  socket_.close(ignored);
  timer_.cancel();
}

asio::awaitable<void> Connection::open() {
  buffer_.clear();
  socket_.open(tcp::v4());
  if (line_.bytes_per_second > 0) socket_.set_option(tcp::socket::receive_buffer_size(kSlowReceiveBuffer));
  socket_.bind(line_.from);
  co_await socket_.async_connect(line_.to, asio::use_awaitable);
  socket_.set_option(tcp::no_delay(true));
}

asio::awaitable<void> Connection::take_time(std::uint64_t bytes) {
  if (line_.bytes_per_second <= 0) co_return;
  const Seconds needed(static_cast<double>(bytes) / line_.bytes_per_second);
  due_ = std::max(due_, Clock::now() - kCatchUp) + std::chrono::duration_cast<Clock::duration>(needed);
  timer_.expires_at(due_);
  co_await timer_.async_wait(asio::use_awaitable);
}

asio::awaitable<void> Connection::discard(std::uint64_t bytes) {
  const std::uint64_t most = line_.bytes_per_second > 0 ? kSlowReadBytes : kMostDiscardedAtOnce;
  while (bytes > 0) {
    const auto got =
        ::recv(socket_.native_handle(), nullptr, std::min(bytes, most), MSG_TRUNC | MSG_DONTWAIT);
    if (got == 0) throw boost::system::system_error(asio::error::eof);
    if (got < 0 && errno != EAGAIN)
      throw boost::system::system_error(errno, boost::system::system_category());
    if (got < 0) {
      co_await socket_.async_wait(tcp::socket::wait_read, asio::use_awaitable);
    } else {
      bytes -= static_cast<std::uint64_t>(got);
      co_await take_time(static_cast<std::uint64_t>(got));
    }
  }
}

asio::awaitable<Result<Answer>> Connection::fetch(std::string path, std::string body, bool counted) {
  const std::uint64_t generation = generation_;
  // Its handler may be about to run when the answer is there, and this connection no more.
  const auto wait = std::make_shared<Wait>();
  asio::steady_timer patience(socket_.get_executor(), line_.patience);
  patience.async_wait([this, wait](const boost::system::error_code& cancelled) {
    if (cancelled || wait->ended) return;
    wait->too_long = true;
    abort();
  });
  std::string problem;
  try {
    Result<Answer> answer = co_await try_fetch(path, body, counted);
    wait->ended = true;
    if (generation == generation_) co_return answer;
    problem = "aborted";
  } catch (const boost::system::system_error& error) {
    problem = error.code().message();
  }
  wait->ended = true;
  if (generation == generation_) abort();
  if (wait->too_long) problem = "it took too long";
  co_return make_error(wait->too_long ? ErrorKind::timeout : ErrorKind::unavailable,
                       path.substr(path.rfind('/')) + ": " + problem);
}

asio::awaitable<Result<Answer>> Connection::try_fetch(const std::string& path, const std::string& body,
                                                      bool counted) {
  if (!socket_.is_open()) co_await open();
  const auto asked_at = Clock::now();
  http::request<http::string_body> request(body.empty() ? http::verb::get : http::verb::post, path, 11, body);
  request.set(http::field::host, "127.0.0.1");
  if (!cookie.empty()) request.set(http::field::cookie, cookie);
  if (!body.empty()) request.set(http::field::content_type, "application/json");
  request.prepare_payload();
  co_await http::async_write(socket_, request, asio::use_awaitable);

  http::response_parser<http::string_body> parser;
  if (counted) {
    parser.body_limit(boost::none);
  } else {
    parser.body_limit(kMostText);
  }
  co_await http::async_read_header(socket_, buffer_, parser, asio::use_awaitable);
  const auto& head = parser.get();
  Answer answer;
  answer.first_byte = Seconds(Clock::now() - asked_at).count();
  answer.status = head.result_int();
  answer.location = head[http::field::location];
  answer.cookie = head[http::field::set_cookie].substr(0, head[http::field::set_cookie].find(';'));

  if (counted && answer.status < 400 && parser.content_length()) {
    answer.bytes = *parser.content_length();
    const std::uint64_t came_with_head = std::min<std::uint64_t>(answer.bytes, buffer_.size());
    buffer_.consume(came_with_head);
    co_await discard(answer.bytes - came_with_head);
  } else {
    co_await http::async_read(socket_, buffer_, parser, asio::use_awaitable);
    answer.body = parser.get().body();
    answer.bytes = answer.body.size();
  }
  answer.whole = Seconds(Clock::now() - asked_at).count();
  if (!parser.get().keep_alive()) abort();
  co_return answer;
}

}  // namespace carrel::load
