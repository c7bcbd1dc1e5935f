#include "hwtune/cli/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "base/unique_fd.hpp"

namespace carrel::hwtune::cli {
namespace {

constexpr std::size_t kLargest = 1U << 20;
constexpr mode_t kReadable = 0644;

Result<void> write_all(int fd, const std::string& path, std::string_view rest) {
  while (!rest.empty()) {
    const ssize_t count = ::write(fd, rest.data(), rest.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return errno_error("write " + path, errno);
    rest.remove_prefix(static_cast<std::size_t>(count));
  }
  if (::fchmod(fd, kReadable) != 0 || ::fsync(fd) != 0) return errno_error("write " + path, errno);
  return {};
}

}  // namespace

Result<std::string> read_file(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return errno_error("open " + path, errno);
  std::string content;
  std::array<char, 16384> block{};
  while (content.size() <= kLargest) {
    const ssize_t count = ::read(fd.get(), block.data(), block.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno_error("read " + path, errno);
    if (count == 0) return content;
    content.append(block.data(), static_cast<std::size_t>(count));
  }
  return make_error(ErrorKind::invalid, path + " is larger than a megabyte");
}

Result<void> write_file(const std::string& path, const std::string& content) {
  std::string beside = path + ".XXXXXX";
  const UniqueFd fd(::mkostemp(beside.data(), O_CLOEXEC));
  if (!fd) return errno_error("make a file beside " + path, errno);
  auto written = write_all(fd.get(), beside, content);
  if (written.has_value() && ::rename(beside.c_str(), path.c_str()) != 0) {
    written = errno_error("write " + path, errno);
  }
  if (written.has_error()) ::unlink(beside.c_str());
  return written;
}

}  // namespace carrel::hwtune::cli
