#include <doctest/doctest.h>

#include <vector>

#include "streamer/index/frame_rate.hpp"

using namespace carrel::streamer;

namespace {

constexpr std::uint32_t kClock = 90'000;

/// Pictures that are decoded in the order in which they are shown, for so many ticks each.
std::vector<SampleRecord> shown_for(const std::vector<std::pair<int, std::uint32_t>>& runs) {
  std::vector<SampleRecord> samples;
  for (const auto& [count, ticks] : runs)
    for (int i = 0; i < count; ++i) samples.push_back({0, 100, ticks, 0, 0});
  return samples;
}

std::uint64_t rate_of(const std::vector<SampleRecord>& samples, std::uint32_t clock = kClock) {
  std::uint64_t ticks = 0;
  for (const SampleRecord& sample : samples) ticks += sample.duration;
  return milliframes(frame_rate_of(samples, clock), ticks, clock);
}

}  // namespace

TEST_CASE("pictures that come evenly have their average") {
  CHECK(rate_of(shown_for({{250, 3600}})) == 25'000);
  CHECK(rate_of(shown_for({{24'000, 1001}}), 24'000) == 23'976);
  CHECK(frame_rate_of(shown_for({{250, 3600}}), kClock) == FrameRate{250, 0});
  // As Matroska rounds 30 a second.
  std::vector<SampleRecord> rounded;
  for (int i = 0; i < 300; ++i) rounded.push_back({0, 100, i % 3 == 0 ? 34U : 33U, 0, 0});
  CHECK(rate_of(rounded, 1000) == 30'000);
}

TEST_CASE("where they come at two rates the higher one is said") {
  CHECK(rate_of(shown_for({{180, 1500}, {70, 9000}})) == 60'000);
  CHECK(rate_of(shown_for({{70, 9000}, {180, 1500}})) == 60'000);
  CHECK(rate_of(shown_for({{1, 900'000}, {2, 450'000}})) == 200);
  CHECK(rate_of(shown_for({{250, 3600}, {1, 450'000}})) == 25'000);  // the last one stands
  CHECK(rate_of(shown_for({{100, 3600}, {1, 1}})) == 25'000);        // or has no length
}

TEST_CASE("what an edit list hides is not counted") {
  // 100 hidden pictures in front, which pass in a tick each.
  const auto samples = shown_for({{100, 1}, {125, 3600}});
  CHECK(frame_rate_of(samples, kClock) == FrameRate{125, 0});
  CHECK(rate_of(samples) >= 24'990);
  CHECK(rate_of(samples) <= 25'000);
}

TEST_CASE("the order of decoding does not matter") {
  std::vector<SampleRecord> samples = shown_for({{240, 3600}});
  for (std::size_t i = 0; i + 2 < samples.size(); i += 3) {
    samples[i].composition_offset = 3600;
    samples[i + 1].composition_offset = 2 * 3600;
    samples[i + 2].composition_offset = 0;
  }
  CHECK(rate_of(samples) == 25'000);
}

TEST_CASE("few pictures, and odd ones, have a rate") {
  CHECK(frame_rate_of({}, kClock) == FrameRate{0, 0});
  CHECK(rate_of(shown_for({{1, 3600}})) == 25'000);
  CHECK(rate_of(shown_for({{2, 3600}})) == 25'000);
  CHECK(rate_of(shown_for({{3, 0}})) <= 0xffffffff);
  CHECK(milliframes({5, 0}, 0, 1) == 5000);
}
