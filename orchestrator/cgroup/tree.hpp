#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/error.hpp"

namespace carrel::cgroup {

/// The controller that stands for the unified hierarchy (v2), whatever controllers that has.
inline constexpr const char* kUnified = "cgroup";

/// Where control files are read from and written to. Every call blocks on the kernel; any thread.
class Tree {
 public:
  virtual ~Tree() = default;

  /// The text of /proc/`pid`/cgroup.
  [[nodiscard]] virtual Result<std::string> groups_of(std::int64_t pid) const = 0;
  /// The text of a control file, at most 64 KiB of it; none when it is not there or cannot be read.
  [[nodiscard]] virtual std::optional<std::string> read(const std::string& controller,
                                                        const std::string& group,
                                                        const std::string& file) const = 0;
  [[nodiscard]] virtual Result<void> write(const std::string& controller, const std::string& group,
                                           const std::string& file, const std::string& value) const = 0;
};

}  // namespace carrel::cgroup
