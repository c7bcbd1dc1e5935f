#include <doctest/doctest.h>

#include <array>
#include <cstdlib>

#include "converter/decode/tone_map.hpp"

using namespace carrel::converter;

namespace {

std::array<std::uint16_t, 3> mapped(Light light, std::array<std::uint16_t, 3> pixel) {
  ToneMap(light).apply(pixel);
  return pixel;
}

std::uint16_t grey(Light light, double signal) {
  const auto value = static_cast<std::uint16_t>(signal * 65535);
  return mapped(light, {value, value, value})[1];
}

}  // namespace

TEST_CASE("which transfer is which") {
  CHECK(light_of(16) == Light::pq);
  CHECK(light_of(18) == Light::hlg);
  CHECK(light_of(1) == Light::sdr);
}

TEST_CASE("black stays black, white becomes white, and what is lit well is not grey") {
  for (const Light light : {Light::pq, Light::hlg}) {
    CHECK(grey(light, 0) == 0);
    CHECK(grey(light, 1) > 65000);
  }
  // Diffuse white, 203 cd/m² (ITU-R BT.2408): 58 % of PQ, 75 % of HLG.
  CHECK(grey(Light::pq, 0.58) > 50000);
  CHECK(grey(Light::pq, 0.58) < 60000);
  CHECK(grey(Light::hlg, 0.75) > 50000);
  CHECK(grey(Light::hlg, 0.75) < 60000);
}

TEST_CASE("brighter stays brighter") {
  std::uint16_t last = 0;
  for (int step = 1; step <= 100; ++step) {
    const std::uint16_t now = grey(Light::pq, step / 100.0);
    CHECK(now >= last);
    last = now;
  }
}

TEST_CASE("grey has no colour and red stays red") {
  const auto neutral = mapped(Light::pq, {30000, 30000, 30000});
  CHECK(std::abs(neutral[0] - neutral[1]) < 100);
  CHECK(std::abs(neutral[2] - neutral[1]) < 100);
  const auto red = mapped(Light::pq, {40000, 5000, 5000});
  CHECK(red[0] > 3 * red[1]);
}
