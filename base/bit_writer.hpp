#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace carrel {

/// Collects bits, most significant first; the last byte is filled with zeros.
class BitWriter {
 public:
  /// count ≤ 64
  BitWriter& put(std::uint64_t value, unsigned count) {
    for (; count > 0; --count) {
      if (used_ % 8 == 0) bytes_ += '\0';
      const auto set = static_cast<unsigned>(value >> (count - 1) & 1);
      bytes_.back() = static_cast<char>(static_cast<unsigned char>(bytes_.back()) | set << (7 - used_ % 8));
      ++used_;
    }
    return *this;
  }
  [[nodiscard]] std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
  unsigned used_ = 0;
};

}  // namespace carrel
