#include "orchestrator/lib/curl/transfer.hpp"

#include <utility>

#include "orchestrator/lib/curl/failure.hpp"

namespace carrel::curl {
namespace {

constexpr std::size_t kMaxHeadBytes = 64U << 10;

bool is_success(int status) {
  return status >= 200 && status < 300;
}

}  // namespace

Transfer::Transfer(Request request, std::unique_ptr<Sink> sink)
    : request_(std::move(request)), sink_(std::move(sink)), easy_(curl_easy_init()) {
  if (easy_) set_options();
}

Transfer* Transfer::of(CURL* easy) noexcept {
  char* self = nullptr;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, &self);
  return static_cast<Transfer*>(static_cast<void*>(self));
}

void Transfer::set_options() {
  CURL* const easy = easy_.get();
  url_ = "http://engine" + request_.path;
  // "Expect" would make libcurl wait for a 100 before a larger body.
  headers_.reset(curl_slist_append(nullptr, "Expect:"));
  for (const std::string& header : request_.headers) {
    if (curl_slist* longer = curl_slist_append(headers_.get(), header.c_str())) {
      headers_.release();
      headers_.reset(longer);
    }
  }

  curl_easy_setopt(easy, CURLOPT_PRIVATE, static_cast<void*>(this));
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error_text_.data());
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");  // also hides the environment's
#if LIBCURL_VERSION_NUM >= 0x075500
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http");
#else
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS, CURLPROTO_HTTP);
#endif
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, request_.unix_socket.c_str());
  // A kept connection may be dead after the server's restart, and libcurl would then send a POST a second
  // time; connecting to a Unix socket costs less than finding out.
  curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
  curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);

  curl_easy_setopt(easy, CURLOPT_URL, url_.c_str());
  curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers_.get());
  if (!request_.body.empty() || request_.method == "POST") {
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request_.body.data());
  }
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request_.method.c_str());

  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(request_.timeout.count()));
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request_.connect_timeout.count()));
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Transfer::on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, static_cast<void*>(this));
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &Transfer::on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, static_cast<void*>(this));
}

std::optional<Transfer::Clock::time_point> Transfer::head_deadline() const noexcept {
  if (head_done_ || request_.head_timeout.count() == 0) return std::nullopt;
  return started_ + request_.head_timeout;
}

void Transfer::resume() noexcept {
  curl_easy_pause(easy_.get(), CURLPAUSE_CONT);
}

std::size_t Transfer::on_body(char* data, std::size_t size, std::size_t count, void* self) noexcept {
  return static_cast<Transfer*>(self)->take_body({data, size * count});
}

std::size_t Transfer::on_header(char* data, std::size_t size, std::size_t count, void* self) noexcept {
  const std::string_view line(data, size * count);
  return static_cast<Transfer*>(self)->take_header(line) ? line.size() : 0;
}

std::size_t Transfer::take_body(std::string_view bytes) {
  if (sink_->streams() && is_success(response_.status)) {
    return sink_->chunk(bytes) ? bytes.size() : CURL_WRITEFUNC_PAUSE;
  }
  if (bytes.size() > request_.max_response_bytes - response_.body.size()) {
    too_large_ = true;
    return 0;
  }
  response_.body.append(bytes);
  return bytes.size();
}

bool Transfer::take_header(std::string_view line) {
  head_bytes_ += line.size();
  if (head_bytes_ > kMaxHeadBytes) {
    too_large_ = true;
    return false;
  }
  if (line != "\r\n" && line != "\n") return true;
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  response_.status = static_cast<int>(status);
  if (response_.status < 200 || head_done_) return true;  // interim answers; trailers
  head_done_ = true;
  if (is_success(response_.status)) sink_->head();
  return true;
}

void Transfer::finish(CURLcode code) {
  if (code == CURLE_OK) {
    sink_->done(std::move(response_));
    return;
  }
  if (too_large_) {
    finish(Failure{Failure::Cause::too_large,
                   "the answer is larger than " + std::to_string(request_.max_response_bytes) + " bytes"});
    return;
  }
  long os_errno = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_OS_ERRNO, &os_errno);
  finish(failure_of(code, static_cast<int>(os_errno), error_text_.data()));
}

void Transfer::finish(Failure failure) {
  sink_->done(std::move(failure));
}

}  // namespace carrel::curl
