#pragma once

#include <filesystem>

#include "base/error.hpp"

namespace carrel::log {

/// Standard error where it is a file, which somebody may move away to begin a new one, as logrotate does. Any
/// thread, one at a time.
class ErrorFile {
 public:
  /// Of what standard error is now.
  ErrorFile();

  /// Goes on in the file that has the name now, made if need be; nothing happens while that is the one in
  /// use, or where standard error was no file. A line is written to the old or to the new one. When it fails,
  /// to the old one.
  [[nodiscard]] Result<void> follow() const;

 private:
  std::filesystem::path name_;  ///< empty: no file
};

}  // namespace carrel::log
