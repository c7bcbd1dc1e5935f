#pragma once

#include <string>

#include "base/error.hpp"

namespace carrel::sandbox::docker {

/// A private temporary file with a seccomp profile, for Podman, which reads it while it creates the container
/// (it takes no profile inline, https://github.com/containers/podman/issues/27710). Removed when destroyed.
class ProfileFile {
 public:
  [[nodiscard]] static Result<ProfileFile> write(const std::string& profile);
  ProfileFile(ProfileFile&& other) noexcept;
  ProfileFile& operator=(ProfileFile&&) = delete;
  ~ProfileFile();

  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  explicit ProfileFile(std::string path) noexcept;
  std::string path_;
};

}  // namespace carrel::sandbox::docker
