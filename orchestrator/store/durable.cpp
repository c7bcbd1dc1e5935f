#include "orchestrator/store/durable.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <ctime>

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

std::string time_stamp(std::int64_t unix_seconds) {
  const std::time_t time = unix_seconds;
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  std::array<char, 32> text{};
  const auto length = std::strftime(text.data(), text.size(), "%Y%m%dT%H%M%SZ", &parts);
  return std::string(text.data(), length);
}

}  // namespace carrel::store
