#pragma once

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "base/unique_fd.hpp"
#include "tests/support/temporary_directory.hpp"

namespace carrel::test {

/// How many descriptors this process has open.
inline std::size_t open_descriptors() {
  const std::filesystem::directory_iterator listing("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(listing), end(listing)));
}

inline std::pair<UniqueFd, UniqueFd> socket_pair(int type) {
  int ends[2] = {-1, -1};
  if (::socketpair(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0) {
    std::abort();
  }
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

/// A regular file without a name, holding `content`.
inline UniqueFd film_with(std::string_view content) {
  const std::string folder = std::filesystem::temp_directory_path();
  UniqueFd file(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (!file ||
      ::pwrite(file.get(), content.data(), content.size(), 0) != static_cast<ssize_t>(content.size())) {
    std::abort();
  }
  return file;
}

/// A temporary folder and a descriptor of it.
class TemporaryFolder {
 public:
  TemporaryFolder() : fd_(::open(path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {}

  [[nodiscard]] const std::string& path() const { return directory_.path().native(); }
  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  support::TemporaryDirectory directory_;
  UniqueFd fd_;
};

}  // namespace carrel::test
