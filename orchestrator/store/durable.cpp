#include "orchestrator/store/durable.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/unique_fd.hpp"

namespace carrel::store {
namespace {

Result<void> sync(const std::filesystem::path& path, int flags) {
  const UniqueFd fd(::open(path.c_str(), flags | O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd) return errno_error("open " + path.string(), errno);
  if (::fsync(fd.get()) != 0) return errno_error("write " + path.string() + " to the disk", errno);
  return {};
}

}  // namespace

Result<void> move_durably(const std::filesystem::path& from, const std::filesystem::path& to) {
  auto written = sync(from, 0);
  if (!written) return written;
  if (::rename(from.c_str(), to.c_str()) != 0) {
    return errno_error("move " + from.string() + " to " + to.string(), errno);
  }
  return sync(to.parent_path(), O_DIRECTORY);
}

}  // namespace carrel::store
