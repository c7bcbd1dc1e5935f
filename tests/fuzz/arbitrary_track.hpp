#pragma once

#include <fuzzer/FuzzedDataProvider.h>

#include <cstdint>
#include <vector>

#include "streamer/index/format.hpp"

namespace carrel::fuzz {

/// A track's samples as a film could have them, odd ones too: no duration, no bytes, gaps, backwards, shown
/// early or late. All of them lie inside of kFilmBytes.
inline constexpr std::uint64_t kFilmBytes = std::uint64_t{1} << 40;
inline constexpr std::size_t kMostSamples = 512;

inline std::vector<streamer::SampleRecord> arbitrary_samples(FuzzedDataProvider& data) {
  constexpr std::uint32_t usual = 40;
  std::vector<streamer::SampleRecord> samples(data.ConsumeIntegralInRange<std::size_t>(0, kMostSamples));
  std::uint64_t at = data.ConsumeIntegralInRange<std::uint64_t>(0, kFilmBytes / 2);
  for (streamer::SampleRecord& sample : samples) {
    const auto kind = data.ConsumeIntegral<std::uint8_t>();
    sample.flags = (kind & 1) != 0 ? streamer::kSampleSync : 0;
    sample.duration = (kind & 2) != 0 ? data.ConsumeIntegral<std::uint16_t>() : usual;
    sample.size = (kind & 4) != 0 ? data.ConsumeIntegral<std::uint16_t>() : 100;
    if ((kind & 8) != 0) sample.composition_offset = data.ConsumeIntegral<std::int16_t>();
    if ((kind & 16) != 0) at += data.ConsumeIntegral<std::uint8_t>();
    if ((kind & 32) != 0) at = data.ConsumeIntegralInRange<std::uint64_t>(0, kFilmBytes / 2);
    if ((kind & 64) != 0) sample.duration <<= 8;
    sample.offset = at;
    at += sample.size;
  }
  return samples;
}

inline std::uint32_t arbitrary_timescale(FuzzedDataProvider& data) {
  return data.PickValueInArray<std::uint32_t>(
      {1, 2, 3, 25, 1000, 12800, 44100, 90000, 10'000'000, 1'000'000'000});
}

}  // namespace carrel::fuzz
