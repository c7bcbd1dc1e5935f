#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

/// High dynamic range for screens without it. Pure.
namespace carrel::converter {

enum class Light : std::uint8_t {
  sdr,  ///< nothing to do
  pq,   ///< SMPTE ST 2084
  hlg,  ///< ARIB STD-B67
};

/// By ISO/IEC 23091-2's transfer characteristics.
[[nodiscard]] Light light_of(unsigned transfer);

/// From BT.2020 with PQ or HLG to BT.709: linear light, the brightest channel bent by Reinhard's curve (1,000
/// cd/m² becomes white, 100 cd/m² a little less than half), then the narrower colours.
class ToneMap {
 public:
  explicit ToneMap(Light light);

  /// Pixels of three channels of 16 bits, red first.
  void apply(std::span<std::uint16_t> pixels) const;

 private:
  static constexpr std::size_t kLinearSteps = 4096;
  static constexpr std::size_t kGammaSteps = 16384;

  std::vector<float> linear_;         ///< by the upper 12 bits of a channel: 1 is 100 cd/m²
  std::vector<std::uint16_t> gamma_;  ///< by linear light
};

}  // namespace carrel::converter
