#include "orchestrator/http/wire.hpp"

#include <poll.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http.hpp>
#include <ctime>
#include <utility>

#include "orchestrator/http/problem.hpp"
#include "streamer/protocol/conditions.hpp"

namespace carrel::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace wire = boost::beast::http;

namespace {

constexpr std::chrono::seconds kWriteTimeout{60};
constexpr std::chrono::seconds kLinger{2};
constexpr std::size_t kFirstRead = 1024;  // most requests; what a connection without one keeps
constexpr std::size_t kLingerBytes = 256 * 1024;
constexpr auto kToken = asio::as_tuple(asio::use_awaitable);

constexpr char kContentSecurityPolicy[] =
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "media-src 'self' blob: data:; connect-src 'self'; worker-src 'self' blob:; font-src 'self'; "
    "manifest-src "
    "'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

// Half a year, and of this host alone: what else is below its name is not ours to promise.
constexpr char kStrictTransport[] = "max-age=15552000";

Method method_of(wire::verb verb) {
  switch (verb) {
    case wire::verb::get: return Method::get;
    case wire::verb::head: return Method::head;
    case wire::verb::post: return Method::post;
    case wire::verb::put: return Method::put;
    case wire::verb::patch: return Method::patch;
    case wire::verb::delete_: return Method::delete_;
    default: return Method::other;
  }
}

std::string field(const wire::fields& fields, wire::field name) {
  const auto value = fields[name];
  return std::string(value.data(), value.size());
}

std::string field(const wire::fields& fields, const char* name) {
  const auto value = fields[name];
  return std::string(value.data(), value.size());
}

/// All of that name, as one list (RFC 9110 section 5.2).
std::string joined(const wire::fields& fields, const char* name) {
  std::string all;
  const auto [first, last] = fields.equal_range(name);
  for (auto one = first; one != last; ++one) {
    all += all.empty() ? "" : ",";
    all.append(one->value().data(), one->value().size());
  }
  return all;
}

/// Origin-form, or absolute-form, which a server has to accept as well (RFC 9112 section 3.2.2).
std::string path_of(std::string_view target) {
  if (const auto scheme = target.find("://"); !target.starts_with('/') && scheme != std::string_view::npos) {
    const auto slash = target.find('/', scheme + 3);
    return slash == std::string_view::npos ? "/" : std::string(target.substr(slash));
  }
  return std::string(target);
}

Request request_from(const wire::request<wire::string_body>& message) {
  Request request;
  request.method = method_of(message.method());
  const std::string target = path_of(std::string_view(message.target().data(), message.target().size()));
  const auto question = target.find('?');
  request.path = target.substr(0, question);
  if (question != std::string::npos) request.query = target.substr(question + 1);
  auto& headers = request.headers;
  headers.host = field(message, wire::field::host);
  headers.origin = field(message, wire::field::origin);
  headers.sec_fetch_site = field(message, "Sec-Fetch-Site");
  headers.content_type = field(message, wire::field::content_type);
  headers.cookie = field(message, wire::field::cookie);
  headers.accept_encoding = field(message, wire::field::accept_encoding);
  headers.authorization = field(message, wire::field::authorization);
  headers.last_event_id = field(message, "Last-Event-ID");
  headers.forwarded_for = joined(message, "X-Forwarded-For");
  headers.forwarded_proto = joined(message, "X-Forwarded-Proto");
  headers.forwarded_host = joined(message, "X-Forwarded-Host");

  headers.range = field(message, wire::field::range);
  headers.if_range = field(message, wire::field::if_range);
  headers.if_match = field(message, wire::field::if_match);
  headers.if_none_match = field(message, wire::field::if_none_match);
  headers.if_modified_since = field(message, wire::field::if_modified_since);
  headers.if_unmodified_since = field(message, wire::field::if_unmodified_since);
  request.body = message.body();
  request.keep_alive = message.keep_alive();
  return request;
}

/// RFC 9112 section 3.2; HTTP/1.0 did not know the field.
bool names_its_host(const wire::fields& fields, unsigned version) {
  const auto count = fields.count(wire::field::host);
  return count == 1 || (count == 0 && version < 11);
}

/// Beast knows no coding but chunked and would take the body of any other for the next request (RFC 9112
/// section 6.3).
bool frames_its_body(const wire::fields& fields, unsigned version) {
  const auto codings = fields.count(wire::field::transfer_encoding);
  if (codings == 0) return true;
  const bool only_chunked = codings == 1 && beast::iequals(fields[wire::field::transfer_encoding], "chunked");
  return only_chunked && version >= 11 && fields.count(wire::field::content_length) == 0;
}

void set_common_fields(wire::fields& message, const Response& response, const Request* request) {
  message.set(wire::field::date, protocol::format_http_date(std::time(nullptr)));
  for (const auto& [name, value] : response.headers) message.insert(name, value);
  message.set("Content-Security-Policy", kContentSecurityPolicy);
  message.set("X-Content-Type-Options", "nosniff");
  message.set("Referrer-Policy", "no-referrer");
  message.set("Cross-Origin-Opener-Policy", "same-origin");
  message.set("Cross-Origin-Resource-Policy", "same-origin");
  if (request == nullptr) return;
  message.set("X-Request-Id", request->request_id);
  if (request->secure) message.set("Strict-Transport-Security", kStrictTransport);
}

Response answer_to(const boost::system::error_code& error) {
  if (error == wire::error::header_limit || error == wire::error::buffer_overflow) {
    return problem(431, "header-too-large", "The request's header is too large",
                   "Send fewer or smaller header fields.");
  }
  if (error == wire::error::body_limit) {
    return problem(413, "body-too-large", "The request's body is too large", "Send less.");
  }
  return problem(400, "bad-request", "This is not HTTP/1.1", error.message());
}

bool is_client_gone(const boost::system::error_code& error) {
  // Beast has closed the socket when a deadline passed.
  return error == beast::error::timeout || error == wire::error::end_of_stream ||
         error == wire::error::partial_message || error == asio::error::connection_reset ||
         error == asio::error::broken_pipe || error == asio::error::operation_aborted ||
         error == asio::error::eof;
}

}  // namespace

Wire::Wire(asio::generic::stream_protocol::socket socket, const WireLimits& limits)
    : stream_(std::move(socket)), buffer_(limits.header_bytes + kFirstRead), limits_(limits) {}

asio::awaitable<bool> Wire::wait_for_bytes() {
  if (buffer_.size() > 0) co_return true;
  stream_.expires_after(limits_.idle_timeout);
  buffer_.shrink_to_fit();
  auto room = buffer_.prepare(kFirstRead);
  waiting_ = true;
  auto [error, count] = co_await stream_.async_read_some(room, kToken);
  waiting_ = false;
  if (error) co_return false;
  buffer_.commit(count);
  co_return true;
}

asio::awaitable<std::variant<Request, Response, Closed>> Wire::read() {
  using Outcome = std::variant<Request, Response, Closed>;
  const bool more = co_await wait_for_bytes();
  if (!more) co_return Outcome(Closed{});
  Outcome outcome = co_await read_request();
  co_return outcome;
}

asio::awaitable<std::variant<Request, Response, Closed>> Wire::read_request() {
  using Outcome = std::variant<Request, Response, Closed>;
  stream_.expires_after(limits_.header_timeout);
  wire::request_parser<wire::string_body> parser;
  parser.header_limit(limits_.header_bytes);
  parser.body_limit(limits_.body_bytes);
  auto [head_error, head_bytes] = co_await wire::async_read_header(stream_, buffer_, parser, kToken);
  if (head_error) co_return is_client_gone(head_error) ? Outcome(Closed{}) : Outcome(answer_to(head_error));
  if (!names_its_host(parser.get(), parser.get().version())) {
    co_return Outcome(problem(400, "bad-host", "The request does not name its host",
                              "HTTP/1.1 asks for exactly one Host field."));
  }
  if (!frames_its_body(parser.get(), parser.get().version())) {
    co_return Outcome(problem(400, "bad-framing", "The request's body cannot be told from the next request",
                              "Send a Content-Length, or Transfer-Encoding: chunked alone."));
  }

  if (!parser.is_done() && beast::iequals(parser.get()[wire::field::expect], "100-continue")) {
    wire::response<wire::empty_body> go_on(wire::status::continue_, 11);
    auto [error, count] = co_await wire::async_write(stream_, go_on, kToken);
    sent_ += count;
    if (error) co_return Outcome(Closed{});
  }
  auto [body_error, body_bytes] = co_await wire::async_read(stream_, buffer_, parser, kToken);
  if (body_error) co_return is_client_gone(body_error) ? Outcome(Closed{}) : Outcome(answer_to(body_error));
  co_return Outcome(request_from(parser.get()));
}

asio::awaitable<bool> Wire::write(const Response& response, const Request* request, bool keep_alive) {
  wire::response<wire::span_body<const char>> message(static_cast<wire::status>(response.status), 11);
  const std::size_t size = response.body ? response.body->size() : 0;
  const bool no_body = response.status == 204 || response.status == 304;
  message.keep_alive(keep_alive);
  if (!no_body) message.content_length(size);
  if (!response.content_type.empty() && size > 0)
    message.set(wire::field::content_type, response.content_type);
  set_common_fields(message, response, request);
  const bool head = request != nullptr && request->method == Method::head;
  if (size > 0 && !head) message.body() = beast::span<const char>(response.body->data(), size);

  stream_.expires_after(kWriteTimeout);
  wire::serializer<false, wire::span_body<const char>> serializer(message);
  if (head) {
    auto [error, count] = co_await wire::async_write_header(stream_, serializer, kToken);
    sent_ += count;
    co_return !error;
  }
  auto [error, count] = co_await wire::async_write(stream_, serializer, kToken);
  sent_ += count;
  co_return !error;
}

asio::awaitable<bool> Wire::begin(const Response& response, const Request& request) {
  wire::response<wire::empty_body> message(static_cast<wire::status>(response.status), 11);
  message.keep_alive(false);
  message.set(wire::field::content_type, response.content_type);
  set_common_fields(message, response, &request);
  stream_.expires_after(kWriteTimeout);
  wire::serializer<false, wire::empty_body> serializer(message);
  auto [error, count] = co_await wire::async_write_header(stream_, serializer, kToken);
  sent_ += count;
  co_return !error;
}

asio::awaitable<bool> Wire::write_more(std::string text) {
  stream_.expires_after(kWriteTimeout);
  const auto bytes = asio::buffer(text);
  auto [error, count] = co_await asio::async_write(stream_, bytes, kToken);
  sent_ += count;
  stream_.expires_never();
  co_return !error;
}

void Wire::when_heard(std::function<void()> heard) {
  stream_.socket().async_wait(asio::socket_base::wait_read,
                              [heard = std::move(heard)](boost::system::error_code) { heard(); });
}

bool Wire::hung_up() {
  if (!stream_.socket().is_open()) return true;
  pollfd look{stream_.socket().native_handle(), POLLRDHUP, 0};
  return ::poll(&look, 1, 0) > 0;
}

asio::awaitable<void> Wire::close_gracefully() {
  // Closing with unread bytes would reset the connection and could take the end of the answer with it.
  boost::system::error_code ignored;
  stream_.socket().shutdown(asio::socket_base::shutdown_send, ignored);
  stream_.expires_after(kLinger);
  std::array<char, 4096> waste{};
  const auto room = asio::buffer(waste);
  for (std::size_t total = 0; total < kLingerBytes;) {
    auto [error, count] = co_await stream_.async_read_some(room, kToken);
    if (error) break;
    total += count;
  }
  stream_.close();
}

void Wire::end_wait() {
  boost::system::error_code ignored;
  if (waiting_ && stream_.socket().available(ignored) == 0) stream_.cancel();
}

int Wire::native_handle() {
  stream_.expires_never();
  return stream_.socket().native_handle();
}

void Wire::abort() {
  // A sandbox may still hold a duplicate: closing ours alone would leave the client waiting.
  boost::system::error_code ignored;
  stream_.socket().shutdown(asio::socket_base::shutdown_both, ignored);
  stream_.close();
}

}  // namespace carrel::http
