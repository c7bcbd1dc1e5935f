#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

namespace carrel::hwtune {

/// What a measurement may take of the machine.
struct Bounds {
  double seconds = 3;               ///< of each measurement; docs/hwtune.md tells what may go beyond
  std::uint64_t bytes = 256 << 20;  ///< that each reads from a disk or writes to it, at most
  std::function<bool()> stopped = [] { return false; };
};

/// Since it was made.
class Watch {
 public:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
  }

 private:
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

/// The last in the queue for processors and disks, for the rest of this process: films that play go first.
void be_kind();

}  // namespace carrel::hwtune
