#pragma once

#include <cstddef>
#include <set>

namespace carrel::sandbox {

/// Small numbers that stand for what lives now: never more of them than live at once, unlike ids, so they can
/// be a label of metrics.
class Slots {
 public:
  /// The smallest that is free, from 0 on.
  [[nodiscard]] std::size_t take() {
    std::size_t slot = 0;
    for (const std::size_t taken : taken_) {
      if (taken != slot) break;
      ++slot;
    }
    taken_.insert(slot);
    return slot;
  }
  void give_back(std::size_t slot) { taken_.erase(slot); }

 private:
  std::set<std::size_t> taken_;
};

}  // namespace carrel::sandbox
