#include "orchestrator/lib/curl/failure.hpp"

#include <cerrno>
#include <system_error>

namespace carrel::curl {
namespace {

Failure::Cause connect_cause(int os_errno) {
  switch (os_errno) {
    case ENOENT:
    case ENOTDIR: return Failure::Cause::missing;
    case EACCES:
    case EPERM: return Failure::Cause::forbidden;
    // A full backlog: somebody has the socket open but accepts nothing. libcurl takes EAGAIN for a connection
    // under way, which then fails without an errno.
    case EAGAIN:
    case 0: return Failure::Cause::timeout;
    default: return Failure::Cause::refused;
  }
}

Failure::Cause cause_of(CURLcode code, int os_errno) {
  switch (code) {
    case CURLE_COULDNT_CONNECT: return connect_cause(os_errno);
    case CURLE_OPERATION_TIMEDOUT: return Failure::Cause::timeout;
    case CURLE_FILESIZE_EXCEEDED: return Failure::Cause::too_large;
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_UNSUPPORTED_PROTOCOL: return Failure::Cause::broken;
    default: return Failure::Cause::internal;
  }
}

}  // namespace

Failure failure_of(CURLcode code, int os_errno, std::string_view text) {
  Failure failure{cause_of(code, os_errno), {}};
  if (code == CURLE_COULDNT_CONNECT && os_errno != 0) {
    failure.message = std::generic_category().message(os_errno);
  } else {
    failure.message = text.empty() ? curl_easy_strerror(code) : std::string(text);
  }
  return failure;
}

}  // namespace carrel::curl
