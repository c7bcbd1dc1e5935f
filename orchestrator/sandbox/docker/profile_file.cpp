#include "orchestrator/sandbox/docker/profile_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "base/unique_fd.hpp"

namespace carrel::sandbox::docker {

Result<ProfileFile> ProfileFile::write(const std::string& profile) {
  std::error_code no_folder;
  std::string path = (std::filesystem::temp_directory_path(no_folder) / "carrel-seccomp-XXXXXX").string();
  const UniqueFd file(::mkostemp(path.data(), O_CLOEXEC));
  if (!file) return errno_error("make the seccomp profile's file " + path, errno);
  ProfileFile made(std::move(path));
  for (std::size_t done = 0; done < profile.size();) {
    const ssize_t wrote = ::write(file.get(), profile.data() + done, profile.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return errno_error("write the seccomp profile to " + made.path_, errno);
    done += static_cast<std::size_t>(wrote);
  }
  return made;
}

ProfileFile::ProfileFile(std::string path) noexcept : path_(std::move(path)) {}

ProfileFile::ProfileFile(ProfileFile&& other) noexcept : path_(std::exchange(other.path_, {})) {}

ProfileFile::~ProfileFile() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

}  // namespace carrel::sandbox::docker
