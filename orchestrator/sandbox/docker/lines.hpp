#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace carrel::sandbox::docker {

/// Cuts a stream into lines, of which none is longer than a bound.
class Lines {
 public:
  explicit Lines(std::size_t longest) : longest_(longest) {}

  /// The lines that these bytes complete, without their ends; empty ones are left out. False when a line is
  /// too long: the stream makes no sense any more.
  [[nodiscard]] bool add(std::string_view bytes, std::vector<std::string>& complete);

 private:
  std::size_t longest_;
  std::string rest_;
};

}  // namespace carrel::sandbox::docker
