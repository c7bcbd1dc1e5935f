#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hwtune/machine/root.hpp"

namespace carrel::hwtune::tune {

/// What the files of sysctl.d(5) beside hwtune's own make of the kernel's values at the start: somebody's
/// decisions. What a distribution brings (/usr/lib) is one where it comes after hwtune's file, and would win.
class SysctlFiles {
 public:
  explicit SysctlFiles(const machine::Root& root);

  /// "/etc/sysctl.d/99-mine.conf sets it"; none: nobody decides on `path`, "proc/sys/vm/swappiness".
  [[nodiscard]] std::optional<std::string> decision_on(const std::string& path) const;

 private:
  struct Line {
    std::string key;  ///< "vm/swappiness", or a pattern
    bool sets = false;
    std::string file;
  };

  void add(const machine::Root& root, const std::string& file);
  void add(Line line);

  std::vector<Line> lines_;  ///< the last one of a key; in their order
};

}  // namespace carrel::hwtune::tune
