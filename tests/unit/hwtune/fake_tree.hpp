#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "hwtune/machine/root.hpp"

namespace carrel::testing {

/// A directory with the files of a machine that exists only on paper. The text has one entry a line:
///   path = content          a file of one line
///   path <<                 a file of the lines that follow, each indented by two spaces
///   path -> target          a symbolic link
///   path/                   an empty directory
///   # …                     a comment
class FakeTree {
 public:
  /// Of tests/unit/hwtune/machines/NAME.tree. Throws when the text is wrong: that is a bug of the test.
  explicit FakeTree(const std::string& name);
  FakeTree(const FakeTree&) = delete;
  FakeTree& operator=(const FakeTree&) = delete;
  ~FakeTree();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] machine::Root root() const;

  void write(const std::string& path, const std::string& content) const;
  [[nodiscard]] std::string read(const std::string& path) const;
  [[nodiscard]] bool has(const std::string& path) const { return std::filesystem::exists(path_ / path); }
  void remove(const std::string& path) const { std::filesystem::remove_all(path_ / path); }

  /// Everything in it: path → kind, permissions and content.
  [[nodiscard]] std::map<std::string, std::string> everything() const;

 private:
  void fill(const std::string& text) const;

  std::filesystem::path path_;
};

}  // namespace carrel::testing
