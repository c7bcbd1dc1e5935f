#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "streamer/demux/hidden_pictures.hpp"
#include "streamer/demux/timing.hpp"

using namespace carrel::streamer;

namespace {

/// Of a packet of libavformat, in ticks.
struct Told {
  bool hidden;
  std::int64_t pts, dts;
};

std::vector<RawSample> raw_of(const std::vector<Told>& told) {
  std::vector<RawSample> raw(told.size());
  for (std::size_t i = 0; i < told.size(); ++i) {
    raw[i].hidden = told[i].hidden;
    raw[i].pts = told[i].pts;
    raw[i].dts = told[i].dts;
    raw[i].size = static_cast<std::uint32_t>(i);
  }
  return raw;
}

std::vector<std::int64_t> times_of(const std::vector<RawSample>& raw) {
  std::vector<std::int64_t> times;
  for (const RawSample& one : raw) times.push_back(one.pts);
  return times;
}

TrackInfo picture(std::uint32_t timescale) {
  TrackInfo info;
  info.kind = MediaKind::video;
  info.timescale = timescale;
  return info;
}

}  // namespace

TEST_CASE(
    "pictures that an edit list hides are gone where nothing needs them, and pass where something does") {
  // Two edits of 3 pictures each, as libavformat gives them: the first runs on to the next key, the second
  // begins at the key before its first picture. In the first, a hidden picture is needed by one that is
  // shown.
  auto raw = raw_of({{false, 0, 0},
                     {false, 1000, 1000},
                     {true, 3000, 2000},
                     {false, 2000, 3000},
                     {true, 4000, 4000},
                     {true, 5000, 5000},
                     {true, 1000, 1000},
                     {true, 2000, 2000},
                     {false, 3000, 3000},
                     {false, 4000, 4000},
                     {false, 5000, 5000},
                     {true, 6000, 6000}});
  TrackInfo info = picture(90'000);
  CHECK(settle_hidden_pictures(raw, info, 77) == 1000);
  CHECK(info.timescale == 90'000);
  CHECK(times_of(raw) == std::vector<std::int64_t>{0, 1000, 2997, 2000, 2998, 2999, 3000, 4000, 5000});
  CHECK(raw.back().size == 10);
  for (const RawSample& one : raw) CHECK(one.dts == kNoTime);
  // In decoding order nothing goes back, and all are shown when they were.
  const auto timed = time_samples(raw, info.kind, true, info.timescale, 1000);
  REQUIRE(timed.has_value());
  std::int64_t dts = timed->first_dts;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    CHECK(dts + timed->samples[i].composition_offset == raw[i].pts);
    dts += timed->samples[i].duration;
  }
}

TEST_CASE(
    "a film that begins between keys passes what it needs first, in its order, before the first picture") {
  auto raw = raw_of({{true, -3, -4}, {true, -1, -3}, {true, -2, -2}, {false, 1, -1}, {false, 0, 0}});
  TrackInfo info = picture(30'000);
  CHECK(settle_hidden_pictures(raw, info, 9) == 3);
  CHECK(info.timescale == 90'000);
  CHECK(times_of(raw) == std::vector<std::int64_t>{-3, -1, -2, 3, 0});
}

TEST_CASE("hidden pictures share ticks where there are too few, and the last ends when the film does") {
  auto raw = raw_of({{false, 0, 0}, {true, 5, 1}, {true, 4, 2}, {true, 3, 3}, {false, 2, 4}, {true, 9, 5}});
  TrackInfo info = picture(90'000);
  CHECK(settle_hidden_pictures(raw, info, 9) == 1);
  CHECK(times_of(raw) == std::vector<std::int64_t>{0, 3, 3, 3, 2});
}

TEST_CASE("nothing changes where nothing is hidden, or all is") {
  for (const bool hidden : {false, true}) {
    auto raw = raw_of({{hidden, 0, 0}, {hidden, 40, 40}});
    TrackInfo info = picture(1000);
    CHECK(settle_hidden_pictures(raw, info, 40) == 40);
    CHECK(info.timescale == 1000);
    CHECK(raw[1].dts == 40);
  }
  auto sound = raw_of({{true, 0, 0}, {false, 40, 40}});
  TrackInfo info = picture(1000);
  info.kind = MediaKind::audio;
  CHECK(settle_hidden_pictures(sound, info, 40) == 40);
}
