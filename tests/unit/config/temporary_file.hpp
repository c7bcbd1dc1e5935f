#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace carrel::config::test {

/// A file of this name and content, readable by its owner alone, in a directory of its own; gone with the
/// object.
class TemporaryFile {
 public:
  TemporaryFile(const std::string& name, const std::string& content) {
    std::string directory = (std::filesystem::temp_directory_path() / "carrel-test-XXXXXX").string();
    if (::mkdtemp(directory.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    path_ = std::filesystem::path(directory) / name;
    std::ofstream(path_, std::ios::binary) << content;
    std::filesystem::permissions(path_, std::filesystem::perms(0600));
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    std::error_code ignored;
    std::filesystem::remove_all(path_.parent_path(), ignored);
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace carrel::config::test
