#include "orchestrator/store/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/unique_fd.hpp"

namespace carrel::store {

namespace {

Error not_made(const std::filesystem::path& directory, int code, const std::string& named_by) {
  auto error = errno_error("make directory " + directory.string(), code);
  error.message += "; choose another " + named_by;
  return error;
}

}  // namespace

Result<void> prepare_directory(const std::filesystem::path& directory, const std::string& named_by) {
  std::error_code failed;
  if (directory.has_parent_path()) std::filesystem::create_directories(directory.parent_path(), failed);
  if (failed) return not_made(directory.parent_path(), failed.value(), named_by);
  if (::mkdir(directory.c_str(), S_IRWXU) == 0) return {};
  if (errno != EEXIST) return not_made(directory, errno, named_by);

  struct stat status {};
  if (::stat(directory.c_str(), &status) != 0) return errno_error("look at " + directory.string(), errno);
  if (!S_ISDIR(status.st_mode)) {
    return make_error(ErrorKind::conflict,
                      directory.string() + " is not a directory; choose another " + named_by);
  }
  if ((status.st_mode & S_IWOTH) != 0) {
    return make_error(ErrorKind::forbidden,
                      "everybody can write to " + directory.string() +
                          ", so the database would not be safe there; run chmod 700 on it, or choose "
                          "another " +
                          named_by);
  }
  return {};
}

Result<void> prepare_file(const std::filesystem::path& file) {
  const UniqueFd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR));
  if (!fd) return errno_error("open " + file.string(), errno);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return errno_error("look at " + file.string(), errno);
  if (!S_ISREG(status.st_mode)) {
    return make_error(ErrorKind::conflict, file.string() + " is not a regular file; move it away");
  }
  if ((status.st_mode & ALLPERMS) != (S_IRUSR | S_IWUSR) && ::fchmod(fd.get(), S_IRUSR | S_IWUSR) != 0) {
    return errno_error("set the mode of " + file.string(), errno);
  }
  return {};
}

}  // namespace carrel::store
