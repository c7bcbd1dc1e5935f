#include "streamer/jail/jail.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <cerrno>

#include "streamer/jail/filter.hpp"

namespace carrel::streamer {

Result<void> enter_jail(JailFor purpose, const OwnDescriptors& own) {
  const rlimit none{0, 0};
  if (::setrlimit(RLIMIT_CORE, &none) != 0) {
    return errno_error("forbid core files", errno);
  }
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
    return errno_error("forbid tracing", errno);
  }
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return errno_error("forbid new privileges", errno);
  }
  return load_filter(purpose, own);
}

}  // namespace carrel::streamer
