#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace carrel::streamer {

/// Reads bits, most significant first. Beyond the end it reads zeros and says so.
class BitReader {
 public:
  explicit BitReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  /// count ≤ 32
  [[nodiscard]] std::uint32_t bits(int count) {
    std::uint32_t value = 0;
    for (; count > 0; --count) value = value << 1 | bit();
    return value;
  }
  [[nodiscard]] bool flag() { return bit() != 0; }
  /// Exp-Golomb codes (ITU-T H.264 section 9.1).
  [[nodiscard]] std::uint32_t ue() {
    int zeros = 0;
    while (zeros < 32 && !overrun_ && !flag()) ++zeros;
    if (zeros >= 32 || overrun_) {
      overrun_ = true;
      return 0;
    }
    return (std::uint32_t{1} << zeros) - 1 + bits(zeros);
  }
  [[nodiscard]] std::int32_t se() {
    const std::uint32_t code = ue();
    const auto half = static_cast<std::int32_t>(code / 2);
    return code % 2 == 0 ? -half : half + 1;
  }
  void skip(std::uint32_t count) {
    for (; count > 0 && !overrun_; --count) static_cast<void>(bit());
  }
  [[nodiscard]] bool overrun() const { return overrun_; }

 private:
  std::uint32_t bit() {
    const std::size_t byte = at_ / 8;
    if (byte >= bytes_.size()) {
      overrun_ = true;
      return 0;
    }
    const auto shift = static_cast<unsigned>(7 - at_++ % 8);
    return std::to_integer<std::uint32_t>(bytes_[byte]) >> shift & 1;
  }

  std::span<const std::byte> bytes_;
  std::size_t at_ = 0;
  bool overrun_ = false;
};

}  // namespace carrel::streamer
