#include "base/error.hpp"

#include <cerrno>
#include <system_error>

namespace carrel {

Error errno_error(const std::string& what, int errno_value) {
  ErrorKind kind = ErrorKind::internal;
  switch (errno_value) {
    case ENOENT:
    case ENOTDIR: kind = ErrorKind::not_found; break;
    case EACCES:
    case EPERM: kind = ErrorKind::forbidden; break;
    case EEXIST: kind = ErrorKind::conflict; break;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case EAGAIN: kind = ErrorKind::busy; break;
    case ECONNREFUSED:
    case EPIPE:
    case ECONNRESET:
    case ENOTCONN: kind = ErrorKind::unavailable; break;
    case ETIMEDOUT: kind = ErrorKind::timeout; break;
    default: break;
  }
  return Error{kind, what + ": " + std::generic_category().message(errno_value)};
}

}  // namespace carrel
