#include "orchestrator/observe/error_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "base/unique_fd.hpp"

namespace carrel::log {
namespace {

constexpr mode_t kMode = 0640;

bool is_standard_error(const std::filesystem::path& name) {
  struct stat open {};
  struct stat named {};
  return ::fstat(STDERR_FILENO, &open) == 0 && S_ISREG(open.st_mode) && ::stat(name.c_str(), &named) == 0 &&
         open.st_dev == named.st_dev && open.st_ino == named.st_ino;
}

}  // namespace

ErrorFile::ErrorFile() {
  std::error_code error;
  auto name = std::filesystem::read_symlink("/proc/self/fd/2", error);
  // A socket and a deleted file have names there that lead nowhere.
  if (!error && is_standard_error(name)) name_ = std::move(name);
}

Result<void> ErrorFile::follow() const {
  if (name_.empty() || is_standard_error(name_)) return {};
  const UniqueFd fresh(::open(name_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, kMode));
  if (!fresh || ::dup2(fresh.get(), STDERR_FILENO) < 0)
    return errno_error("open the log " + name_.string(), errno);
  return {};
}

}  // namespace carrel::log
