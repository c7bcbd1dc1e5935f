#pragma once

#include <filesystem>
#include <string>

#include "tests/support/temporary_directory.hpp"

namespace carrel::config::test {

/// A file of this name and content, readable by its owner alone, in a directory of its own; gone with the
/// object.
class TemporaryFile {
 public:
  TemporaryFile(const std::string& name, const std::string& content)
      : path_(directory_.write(name, content)) {
    std::filesystem::permissions(path_, std::filesystem::perms(0600));
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  carrel::support::TemporaryDirectory directory_;
  std::filesystem::path path_;
};

}  // namespace carrel::config::test
