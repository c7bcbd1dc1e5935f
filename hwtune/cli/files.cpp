#include "hwtune/cli/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

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
  return {};
}

/// What is not to be replaced: a device, a pipe, and what this program's own output goes to, under any name.
/// None: a file, or nothing yet.
Result<std::optional<UniqueFd>> stream_at(const std::string& path) {
  struct stat there {};
  if (::stat(path.c_str(), &there) != 0) {
    if (errno == ENOENT) return std::optional<UniqueFd>();
    return errno_error("look at " + path, errno);
  }
  for (const int own : {STDOUT_FILENO, STDERR_FILENO}) {
    struct stat open {};
    if (::fstat(own, &open) != 0 || open.st_dev != there.st_dev || open.st_ino != there.st_ino) continue;
    UniqueFd same(::fcntl(own, F_DUPFD_CLOEXEC, 0));
    if (!same) return errno_error("open " + path, errno);
    return std::optional<UniqueFd>(std::move(same));
  }
  if (S_ISREG(there.st_mode)) return std::optional<UniqueFd>();
  // A pipe that nobody reads is an error, and nothing to wait for.
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_NOCTTY | O_CLOEXEC | O_NONBLOCK));
  if (!fd || ::fcntl(fd.get(), F_SETFL, O_WRONLY) != 0) return errno_error("open " + path, errno);
  return std::optional<UniqueFd>(std::move(fd));
}

/// Where links lead to, whether there is anything or not.
std::string target_of(const std::string& path) {
  constexpr int kMostLinks = 40;  // as the kernel
  std::filesystem::path target(path);
  for (int links = 0; links < kMostLinks; ++links) {
    std::error_code error;
    const auto next = std::filesystem::read_symlink(target, error);
    if (error) break;
    target = target.parent_path() / next;
  }
  return target.string();
}

struct Beside {
  UniqueFd fd;
  std::string name;
};

Result<Beside> made_beside(const std::string& path) {
  std::string name = path + ".XXXXXX";
  UniqueFd fd(::mkostemp(name.data(), O_CLOEXEC));
  if (!fd) return errno_error("make a file beside " + path, errno);
  return Beside{std::move(fd), std::move(name)};
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

Result<void> can_write(const std::string& path) {
  const auto stream = stream_at(path);
  if (stream.has_error()) return stream.error();
  if (*stream) return {};
  const auto beside = made_beside(target_of(path));
  if (beside.has_error()) return beside.error();
  ::unlink(beside->name.c_str());
  return {};
}

Result<void> write_file(const std::string& path, const std::string& content) {
  const auto stream = stream_at(path);
  if (stream.has_error()) return stream.error();
  if (*stream) return write_all((*stream)->get(), path, content);
  const std::string target = target_of(path);
  const auto beside = made_beside(target);
  if (beside.has_error()) return beside.error();
  const int fd = beside->fd.get();
  auto written = write_all(fd, beside->name, content);
  if (written.has_value() && (::fchmod(fd, kReadable) != 0 || ::fsync(fd) != 0 ||
                              ::rename(beside->name.c_str(), target.c_str()) != 0)) {
    written = errno_error("write " + target, errno);
  }
  if (written.has_error()) ::unlink(beside->name.c_str());
  return written;
}

}  // namespace carrel::hwtune::cli
