#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "base/error.hpp"

namespace carrel::log {

/// A file for each sandbox, "ID.log" in one folder. One thread.
class SandboxFiles {
 public:
  static constexpr std::size_t kMostFiles = 256;  ///< beyond that the one written longest ago is removed
  static constexpr std::uintmax_t kMostBytes = 1 << 20;  ///< of one; what comes then is left out of it

  explicit SandboxFiles(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// Appends a line, without its end, to the file of the sandbox that it names, if it names one. What cannot
  /// be written is left out: the log itself has it.
  void write(std::string_view line) const;

 private:
  void make_room() const;

  std::filesystem::path folder_;
};

/// From now on lines that name a sandbox also go to a file of its own below `folder`, which is made, until
/// the log is closed. After open().
[[nodiscard]] Result<void> keep_sandbox_files(const std::filesystem::path& folder);

}  // namespace carrel::log
