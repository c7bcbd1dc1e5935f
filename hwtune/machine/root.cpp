#include "hwtune/machine/root.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include "hwtune/machine/text.hpp"

namespace carrel::machine {
namespace {

struct DirectoryClose {
  void operator()(DIR* directory) const noexcept { ::closedir(directory); }
};
using Directory = std::unique_ptr<DIR, DirectoryClose>;

int open_within(int root, const std::string& path, int flags, unsigned mode) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags) | O_CLOEXEC;
  how.mode = (flags & O_CREAT) != 0 ? mode : 0;
  how.resolve = RESOLVE_IN_ROOT;
  // When anything at all is renamed or mounted meanwhile, the kernel cannot tell whether a ".." leads out;
  // the links of /sys are full of them.
  constexpr int kMostTries = 1000;
  int fd = -1;
  for (int tries = 0; tries < kMostTries; ++tries) {
    fd = static_cast<int>(::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how));
    if (fd >= 0 || errno != EAGAIN) break;
  }
  return fd;
}

}  // namespace

Result<Root> Root::open(const std::filesystem::path& path) {
  UniqueFd fd(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return errno_error("open " + path.string(), errno);
  struct stat mine {};
  struct stat real {};
  const bool same = ::fstat(fd.get(), &mine) == 0 && ::stat("/", &real) == 0 && mine.st_dev == real.st_dev &&
                    mine.st_ino == real.st_ino;
  return Root(std::move(fd), same);
}

Result<UniqueFd> Root::open_at(const std::string& path, int flags, unsigned mode) const {
  int fd = open_within(fd_.get(), path, flags, mode);
  // Kernels before 5.6, and seccomp profiles that do not know it: plain paths, and only on the real root.
  if (fd < 0 && (errno == ENOSYS || errno == EPERM) && real_) {
    fd = ::openat(fd_.get(), path.c_str(), flags | O_CLOEXEC, mode);
  }
  if (fd < 0) return errno_error("open /" + path, errno);
  return UniqueFd(fd);
}

Result<std::string> Root::read(const std::string& path, std::size_t limit) const {
  const auto fd = open_at(path, O_RDONLY | O_NONBLOCK);
  if (fd.has_error()) return fd.error();
  std::string content;
  std::array<char, 16384> block{};
  while (content.size() < limit) {
    const std::size_t wanted = std::min(block.size(), limit - content.size());
    const ssize_t count = ::read(fd->get(), block.data(), wanted);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno_error("read /" + path, errno);
    if (count == 0) break;
    content.append(block.data(), static_cast<std::size_t>(count));
  }
  return content;
}

std::optional<std::string> Root::text(const std::string& path) const {
  const auto content = read(path);
  if (content.has_error()) return std::nullopt;
  std::string found(trimmed(*content));
  if (found.empty()) return std::nullopt;
  return found;
}

std::optional<std::int64_t> Root::number(const std::string& path) const {
  const auto found = text(path);
  return found ? number_of(*found) : std::nullopt;
}

std::vector<std::string> Root::list(const std::string& path) const {
  std::vector<std::string> names;
  auto fd = open_at(path, O_RDONLY | O_DIRECTORY);
  if (fd.has_error()) return names;
  const Directory directory(::fdopendir(fd->get()));
  if (!directory) return names;
  static_cast<void>(fd->release());
  while (const dirent* entry = ::readdir(directory.get())) {
    const std::string name(entry->d_name);
    if (name != "." && name != "..") names.push_back(name);
  }
  std::ranges::sort(names);
  return names;
}

std::optional<std::string> Root::link(const std::string& path) const {
  const auto fd = open_at(path, O_PATH | O_NOFOLLOW);
  if (fd.has_error()) return std::nullopt;
  std::array<char, 4096> target{};
  const ssize_t length = ::readlinkat(fd->get(), "", target.data(), target.size());
  if (length <= 0) return std::nullopt;
  return std::string(target.data(), static_cast<std::size_t>(length));
}

bool Root::exists(const std::string& path) const {
  return open_at(path, O_PATH).has_value();
}

}  // namespace carrel::machine
