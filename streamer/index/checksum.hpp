#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace carrel::streamer {

/// XXH64 with seed 0 (the xxHash fast digest algorithm, version 0.1.1), fed piece by piece. It finds
/// accidents; who can write the index can also write the checksum.
class Checksum {
 public:
  void update(std::span<const std::byte> bytes);
  [[nodiscard]] std::uint64_t digest() const;

 private:
  static constexpr std::size_t kStripe = 32;
  void stripe(const std::byte* from);

  std::array<std::uint64_t, 4> lanes_{0x60ea27eeadc0b5d6ULL, 0xc2b2ae3d27d4eb4fULL, 0, 0x61c8864e7a143579ULL};
  std::array<std::byte, kStripe> held_{};
  std::size_t held_bytes_ = 0;
  std::uint64_t total_bytes_ = 0;
};

}  // namespace carrel::streamer
