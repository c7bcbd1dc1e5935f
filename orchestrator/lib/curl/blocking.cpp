#include "orchestrator/lib/curl/blocking.hpp"

#include <curl/curl.h>

#include <array>
#include <memory>

#include "orchestrator/lib/curl/failure.hpp"

namespace carrel::curl {
namespace {

struct EasyFree {
  void operator()(CURL* easy) const noexcept { curl_easy_cleanup(easy); }
};
struct ListFree {
  void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, EasyFree>;
using List = std::unique_ptr<curl_slist, ListFree>;

struct Gathering {
  const BlockingRequest* request = nullptr;
  CURL* easy = nullptr;
  std::string body;
  bool too_large = false;
  bool ended_by_caller = false;

  std::size_t take(std::string_view bytes) {
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    if (request->on_chunk && status >= 200 && status < 300) {
      ended_by_caller = !request->on_chunk(bytes);
      return ended_by_caller ? 0 : bytes.size();
    }
    too_large = bytes.size() > request->max_response_bytes - body.size();
    if (too_large) return 0;
    body.append(bytes);
    return bytes.size();
  }
};

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self) noexcept {
  return static_cast<Gathering*>(self)->take({data, size * count});
}

List headers_of(const BlockingRequest& request) {
  List headers(curl_slist_append(nullptr, "Expect:"));
  for (const std::string& header : request.headers) {
    curl_slist* longer = curl_slist_append(headers.get(), header.c_str());
    if (longer == nullptr) continue;
    static_cast<void>(headers.release());
    headers.reset(longer);
  }
  return headers;
}

void set_target(CURL* easy, const BlockingRequest& request) {
  curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
#if LIBCURL_VERSION_NUM >= 0x075500
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
#endif
  curl_easy_setopt(easy, CURLOPT_PROXY, "");  // also hides the environment's
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
  if (!request.unix_socket.empty())
    curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, request.unix_socket.c_str());
  if (!request.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, request.ca_file.c_str());
}

void set_content(CURL* easy, const BlockingRequest& request) {
  if (!request.body.empty() || request.method == "POST") {
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.data());
  }
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.connect_timeout.count()));
}

}  // namespace

Outcome perform_blocking(const BlockingRequest& request) {
  const Easy easy(curl_easy_init());
  if (!easy) return Failure{Failure::Cause::internal, "libcurl gave no handle"};
  const List headers = headers_of(request);
  std::array<char, CURL_ERROR_SIZE> error_text{};
  Gathering gathering{&request, easy.get(), {}, false, false};
  set_target(easy.get(), request);
  set_content(easy.get(), request);
  curl_easy_setopt(easy.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(easy.get(), CURLOPT_ERRORBUFFER, error_text.data());
  curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, &on_body);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEDATA, static_cast<void*>(&gathering));

  const CURLcode code = curl_easy_perform(easy.get());
  long status = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  if (code == CURLE_OK || gathering.ended_by_caller) {
    return Response{static_cast<int>(status), std::move(gathering.body)};
  }
  if (gathering.too_large) {
    return Failure{Failure::Cause::too_large,
                   "the answer is larger than " + std::to_string(request.max_response_bytes) + " bytes"};
  }
  long os_errno = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_OS_ERRNO, &os_errno);
  return failure_of(code, static_cast<int>(os_errno), error_text.data());
}

}  // namespace carrel::curl
