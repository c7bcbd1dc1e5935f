#include "converter/decode/tone_map.hpp"

#include <algorithm>
#include <cmath>

namespace carrel::converter {
namespace {

constexpr unsigned kTransferPq = 16;
constexpr unsigned kTransferHlg = 18;

constexpr double kUnit = 100;    // cd/m² that are 1
constexpr double kWhite = 1000;  // cd/m² that become white
constexpr float kPeak = static_cast<float>(kWhite / kUnit);
constexpr double kScreenGamma = 2.4;
constexpr int kSpareBits = 4;  // of 16, below those that are looked up

/// ST 2084: cd/m².
double from_pq(double signal) {
  constexpr double m1 = 2610.0 / 16384, m2 = 2523.0 / 4096 * 128;
  constexpr double c1 = 3424.0 / 4096, c2 = 2413.0 / 4096 * 32, c3 = 2392.0 / 4096 * 32;
  const double p = std::pow(signal, 1 / m2);
  return 10'000 * std::pow(std::max(p - c1, 0.0) / (c2 - c3 * p), 1 / m1);
}

/// ARIB STD-B67 with the gamma of a screen of 1,000 cd/m², channel by channel: cd/m².
double from_hlg(double signal) {
  constexpr double a = 0.17883277, b = 0.28466892, c = 0.55991073, gamma = 1.2;
  const double scene = signal <= 0.5 ? signal * signal / 3 : (std::exp((signal - c) / a) + b) / 12;
  return kWhite * std::pow(scene, gamma);
}

}  // namespace

Light light_of(unsigned transfer) {
  if (transfer == kTransferPq) return Light::pq;
  return transfer == kTransferHlg ? Light::hlg : Light::sdr;
}

ToneMap::ToneMap(Light light) : linear_(kLinearSteps), gamma_(kGammaSteps) {
  for (std::size_t i = 0; i < kLinearSteps; ++i) {
    const double signal = static_cast<double>(i) / (kLinearSteps - 1);
    linear_[i] = static_cast<float>((light == Light::hlg ? from_hlg(signal) : from_pq(signal)) / kUnit);
  }
  for (std::size_t i = 0; i < kGammaSteps; ++i) {
    const double level = std::pow(static_cast<double>(i) / (kGammaSteps - 1), 1 / kScreenGamma);
    gamma_[i] = static_cast<std::uint16_t>(std::lround(level * 65535));
  }
}

void ToneMap::apply(std::span<std::uint16_t> pixels) const {
  const auto encode = [&](float light) {
    const float step = std::clamp(light, 0.0F, 1.0F) * static_cast<float>(kGammaSteps - 1);
    return gamma_[static_cast<std::size_t>(step + 0.5F)];
  };
  for (std::size_t i = 0; i + 2 < pixels.size(); i += 3) {
    const float red = linear_[pixels[i] >> kSpareBits];
    const float green = linear_[pixels[i + 1] >> kSpareBits];
    const float blue = linear_[pixels[i + 2] >> kSpareBits];
    const float most = std::max({red, green, blue});
    const float bend = (1 + most / (kPeak * kPeak)) / (1 + most);
    // BT.2087: from the primaries of BT.2020 to those of BT.709.
    pixels[i] = encode(bend * (1.6605F * red - 0.5876F * green - 0.0728F * blue));
    pixels[i + 1] = encode(bend * (-0.1246F * red + 1.1329F * green - 0.0083F * blue));
    pixels[i + 2] = encode(bend * (-0.0182F * red - 0.1006F * green + 1.1187F * blue));
  }
}

}  // namespace carrel::converter
