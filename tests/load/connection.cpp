#include "tests/load/connection.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http.hpp>

namespace carrel::load {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

namespace {

/// A slow line is slow only if the kernel does not take the film off it for the client.
constexpr int kSlowReceiveBuffer = 64 << 10;
constexpr std::size_t kSlowReadBytes = 32 << 10;
/// A late wake-up is made good; a pause between requests is not.
constexpr std::chrono::milliseconds kCatchUp{50};

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

asio::awaitable<Result<Answer>> Connection::fetch(std::string path, std::string body, bool counted) {
  const std::uint64_t generation = generation_;
  std::string problem;
  try {
    Result<Answer> answer = co_await try_fetch(path, body, counted);
    if (generation == generation_) co_return answer;
    problem = "aborted";
  } catch (const boost::system::system_error& error) {
    problem = error.code().message();
  }
  if (generation == generation_) abort();
  co_return make_error(ErrorKind::unavailable, path.substr(path.rfind('/')) + ": " + problem);
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

  http::response_parser<http::buffer_body> parser;
  parser.body_limit(boost::none);
  co_await http::async_read_header(socket_, buffer_, parser, asio::use_awaitable);
  const auto& head = parser.get();
  Answer answer;
  answer.first_byte = Seconds(Clock::now() - asked_at).count();
  answer.status = head.result_int();
  answer.location = head[http::field::location];
  answer.cookie = head[http::field::set_cookie].substr(0, head[http::field::set_cookie].find(';'));

  std::array<char, 64 << 10> room;
  const std::size_t most = line_.bytes_per_second > 0 ? kSlowReadBytes : room.size();
  while (!parser.is_done()) {
    parser.get().body().data = room.data();
    parser.get().body().size = most;
    boost::system::error_code failure;
    co_await http::async_read_some(socket_, buffer_, parser,
                                   asio::redirect_error(asio::use_awaitable, failure));
    if (failure && failure != http::error::need_buffer) throw boost::system::system_error(failure);
    const std::size_t got = most - parser.get().body().size;
    answer.bytes += got;
    if (!counted || answer.status >= 400) answer.body.append(room.data(), got);
    co_await take_time(got);
  }
  answer.whole = Seconds(Clock::now() - asked_at).count();
  if (!parser.get().keep_alive()) abort();
  co_return answer;
}

}  // namespace carrel::load
