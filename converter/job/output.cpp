#include "converter/job/output.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace carrel::converter {

Result<void> write_at(int fd, std::uint64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t done = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return errno_error("write the result", done < 0 ? errno : EIO);
    bytes.remove_prefix(static_cast<std::size_t>(done));
    offset += static_cast<std::uint64_t>(done);
  }
  return {};
}

Result<std::uint64_t> size_of(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return errno_error("stat the result", errno);
  return static_cast<std::uint64_t>(status.st_size);
}

Result<std::string> read_whole(int fd, std::uint64_t most) {
  const auto size = size_of(fd);
  if (!size) return size.error();
  if (*size > most) return make_error(ErrorKind::invalid, "a file to go on with is too long");
  std::string bytes(static_cast<std::size_t>(*size), '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got = ::pread(fd, bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno_error("read what is to be gone on with", errno);
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  bytes.resize(done);
  return bytes;
}

Result<void> cut_to(int fd, std::uint64_t bytes) {
  if (::ftruncate(fd, static_cast<off_t>(bytes)) != 0) return errno_error("shorten the result", errno);
  return {};
}

Result<void> settle(int fd) {
  if (::fsync(fd) != 0) return errno_error("write the result to the disk", errno);
  return {};
}

}  // namespace carrel::converter
