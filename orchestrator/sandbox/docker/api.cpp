#include "orchestrator/sandbox/docker/api.hpp"

#include <algorithm>
#include <utility>

#include "orchestrator/observe/log.hpp"
#include "orchestrator/sandbox/docker/health.hpp"
#include "orchestrator/sandbox/docker/parse.hpp"

namespace carrel::sandbox::docker {
namespace {

namespace asio = boost::asio;
using Cause = curl::Failure::Cause;

// A list of some thousand containers; logs are bounded by the log's own maximum of 1 MB.
constexpr std::size_t kMaxAnswer = 8U << 20;
constexpr curl::Client::Limits kLimits{};
constexpr std::size_t kMaxTold = 16;

ErrorKind kind_of(Cause cause) {
  switch (cause) {
    case Cause::timeout: return ErrorKind::timeout;
    case Cause::busy: return ErrorKind::busy;
    case Cause::forbidden: return ErrorKind::forbidden;
    default: return ErrorKind::unavailable;
  }
}

ErrorKind kind_of(int status) {
  switch (status) {
    case 400: return ErrorKind::invalid;
    case 401:
    case 403: return ErrorKind::forbidden;
    case 404: return ErrorKind::not_found;
    case 409: return ErrorKind::conflict;
    default: return status == 500 ? ErrorKind::internal : ErrorKind::unavailable;
  }
}

bool is_unreachable(Cause cause) {
  return cause == Cause::missing || cause == Cause::refused || cause == Cause::forbidden;
}

std::string_view outcome_of(const curl::Outcome& outcome) {
  if (outcome.has_error()) {
    if (outcome.error().cause == Cause::timeout) return "timeout";
    return is_unreachable(outcome.error().cause) ? "unreachable" : "failed";
  }
  if (outcome->status < 400) return "ok";
  return outcome->status < 500 ? "refused" : "failed";
}

}  // namespace

Api::Api(asio::any_io_executor executor, DockerOptions options)
    : executor_(executor),
      options_(std::move(options)),
      client_(std::make_unique<curl::Client>(std::move(executor), kLimits)) {}

void Api::stop() {
  client_.reset();
}

asio::awaitable<Result<std::string>> Api::call(Call call) {
  const auto self = shared_from_this();
  const auto deadline = Clock::now() + options_.timeout;
  auto agreed = co_await agree_until(deadline);
  if (agreed.has_error()) {
    co_return make_error(agreed.error().kind, call.doing + ": " + agreed.error().message);
  }
  call.path = "/v" + agreed->info.api_version + call.path;
  auto answer = co_await exchange(std::move(call), deadline);
  co_return answer;
}

asio::awaitable<Result<Api::Agreed>> Api::agree(bool afresh) {
  const auto self = shared_from_this();
  if (afresh) agreed_.reset();
  const auto deadline = Clock::now() + options_.timeout;
  auto agreed = co_await agree_until(deadline);
  co_return agreed;
}

asio::awaitable<Result<Api::Agreed>> Api::agree_until(Clock::time_point deadline) {
  if (agreed_) co_return *agreed_;
  Call version{"version", "ask the engine for its version", "GET", "/version", {}, false};
  auto version_body = co_await exchange(std::move(version), deadline);
  if (version_body.has_error()) co_return version_body.error();
  auto info = parse_version(*version_body);
  if (info.has_error()) co_return engine_failed(info.error());

  Call about{"info", "ask the engine about itself", "GET", "/v" + info->api_version + "/info", {}, false};
  auto about_body = co_await exchange(std::move(about), deadline);
  if (about_body.has_error()) co_return about_body.error();
  auto traits = parse_traits(*about_body, info->product);
  if (traits.has_error()) co_return engine_failed(traits.error());

  agreed_ = Agreed{std::move(*info), *traits};
  co_return *agreed_;
}

asio::awaitable<Result<std::string>> Api::exchange(Call call, Clock::time_point deadline) {
  if (!client_) co_return make_error(ErrorKind::unavailable, call.doing + ": the daemon is stopping");
  const auto started = Clock::now();
  curl::Request request = request_of(call, deadline);
  auto outcome = co_await client_->perform(std::move(request));
  note(outcome);
  if (client_ && options_.on_call && !call.name.empty()) {
    options_.on_call(call.name, std::chrono::duration<double>(Clock::now() - started).count(),
                     outcome_of(outcome));
  }
  co_return judge(call, std::move(outcome));
}

curl::Request Api::request_of(const Call& call, Clock::time_point deadline) const {
  using std::chrono::milliseconds;
  const auto left = std::max(std::chrono::ceil<milliseconds>(deadline - Clock::now()), milliseconds(1));
  curl::Request request;
  request.method = call.method;
  request.unix_socket = options_.socket;
  request.path = call.path;
  request.body = call.body;
  if (!call.body.empty()) request.headers.emplace_back("Content-Type: application/json");
  request.timeout = call.endless ? milliseconds(0) : left;
  request.head_timeout = call.endless ? left : milliseconds(0);
  request.connect_timeout = left;
  request.max_response_bytes = kMaxAnswer;
  return request;
}

void Api::tell(const std::vector<std::string>& warnings) {
  for (const std::string& warning : warnings) {
    if (told_.size() < kMaxTold && told_.insert(warning).second) {
      log::warn("engine.warning", {{"message", warning}});
    }
  }
}

void Api::note(const curl::Outcome& outcome) {
  if (outcome.has_value()) {
    // A 5xx may be about one container; it does not tell whether the engine works.
    if (outcome->status < 500) health_ = {EngineHealth::State::ready, {}};
    return;
  }
  // What comes back may be another version of the engine.
  if (is_unreachable(outcome.error().cause)) agreed_.reset();
  if (auto health = health_after(outcome.error(), options_.socket, options_.timeout)) health_ = *health;
}

Result<std::string> Api::judge(const Call& call, curl::Outcome outcome) {
  if (outcome.has_error()) {
    const auto health = health_after(outcome.error(), options_.socket, options_.timeout);
    return make_error(kind_of(outcome.error().cause),
                      call.doing + ": " + (health ? health->message : outcome.error().message));
  }
  const int status = outcome->status;
  if ((status >= 200 && status < 300) || status == 304) return std::move(outcome->body);
  std::string message = parse_message(outcome->body);
  if (message.empty()) message = "the engine answered with HTTP status " + std::to_string(status);
  if (status >= 500 && (call.name == "version" || call.name == "info")) {
    health_ = failing(options_.socket, message);
    message = health_.message;
  }
  return make_error(kind_of(status), call.doing + ": " + message);
}

Error Api::engine_failed(const Error& error) {
  health_ = failing(options_.socket, error.message);
  return make_error(ErrorKind::unavailable, health_.message);
}

std::unique_ptr<curl::Stream> Api::stream(const std::string& path, curl::StreamHandlers handlers) {
  if (!client_) return nullptr;
  Call call;
  call.method = "GET";
  call.path = (agreed_ ? "/v" + agreed_->info.api_version : std::string()) + path;
  call.endless = true;
  return client_->stream(request_of(call, Clock::now() + options_.timeout), std::move(handlers));
}

}  // namespace carrel::sandbox::docker
