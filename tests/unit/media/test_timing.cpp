#include <doctest/doctest.h>

#include "streamer/demux/entries.hpp"
#include "streamer/demux/steady_clock.hpp"
#include "streamer/demux/timing.hpp"

using namespace carrel;
using namespace carrel::streamer;

namespace {

std::vector<RawSample> with_times(const std::vector<std::int64_t>& pts,
                                  const std::vector<std::int64_t>& dts = {}) {
  std::vector<RawSample> samples(pts.size());
  for (std::size_t i = 0; i < pts.size(); ++i) {
    samples[i].pts = pts[i];
    if (!dts.empty()) samples[i].dts = dts[i];
  }
  return samples;
}

std::vector<std::int64_t> presentation(const TimedSamples& timed) {
  std::vector<std::int64_t> times;
  std::int64_t dts = timed.first_dts;
  for (const SampleRecord& sample : timed.samples) {
    times.push_back(dts + sample.composition_offset);
    dts += sample.duration;
  }
  return times;
}

}  // namespace

TEST_CASE("decoding times are made from presentation times with the smallest delay") {
  const std::vector<std::int64_t> pts{0, 160, 80, 40, 120, 200};
  const auto timed = time_samples(with_times(pts), MediaKind::video, false, 1000, 0).value();
  CHECK(timed.first_dts == -80);
  CHECK(presentation(timed) == pts);
  for (const SampleRecord& sample : timed.samples) CHECK(sample.composition_offset >= 0);
  CHECK(timed.samples.back().duration == 40);
}

TEST_CASE("stored decoding times are kept while they do not run backwards") {
  const std::vector<std::int64_t> pts{20, 50, 30};
  const auto kept = time_samples(with_times(pts, {0, 10, 25}), MediaKind::video, true, 1000, 7).value();
  CHECK(kept.first_dts == 0);
  CHECK(presentation(kept) == pts);
  CHECK(kept.samples[1].duration == 15);
  CHECK(kept.samples[2].duration == 7);
  const auto made = time_samples(with_times(pts, {0, 10, 5}), MediaKind::video, true, 1000, 7).value();
  CHECK(made.samples[1].composition_offset == 40);
  CHECK(presentation(made) == pts);
}

TEST_CASE("sound is decoded when it is heard; missing and wild times are refused") {
  CHECK(time_samples(with_times({-7, 13}), MediaKind::audio, false, 1000, 20).value().first_dts == -7);
  CHECK(time_samples(with_times({7, kNoTime}), MediaKind::video, false, 1000, 20).has_error());
  CHECK(time_samples(with_times({0, std::int64_t{1} << 60}), MediaKind::video, false, 1000, 1).has_error());
  CHECK(time_samples(with_times({0, std::int64_t{1} << 33}), MediaKind::video, false, 90000, 1).has_error());
  CHECK(time_samples(with_times({5}), MediaKind::video, false, 1000, 0).value().samples[0].duration == 1);
}

TEST_CASE("open entries serve only where true ones are too far apart") {
  const auto film = [](std::int64_t seconds, std::int64_t sync_every) {
    std::vector<RawSample> samples;
    for (std::int64_t i = 0; i < seconds; ++i) {
      RawSample sample;
      sample.pts = i;
      sample.container_key = i % 2 == 0;
      sample.entry = i % sync_every == 0 ? Entry::sync : i % 2 == 0 ? Entry::open : Entry::none;
      samples.push_back(sample);
    }
    return samples;
  };
  CHECK(entries_of(film(100, 10), 1).independent);
  CHECK(entries_of(film(100, 10), 1).samples.size() == 10);
  CHECK_FALSE(entries_of(film(100, 50), 1).independent);
  CHECK(entries_of(film(100, 50), 1).samples.size() == 50);
  CHECK(entries_of(film(20, 50), 1).independent);
}

TEST_CASE("sound that runs backwards waits a little, or moves on as a whole") {
  const auto little = time_samples(with_times({0, 20, 15, 40}), MediaKind::audio, false, 1000, 20).value();
  CHECK(presentation(little) == std::vector<std::int64_t>{0, 20, 20, 40});
  CHECK(little.mended == 1);
  const auto far = time_samples(with_times({5000, 5020, 0, 20}), MediaKind::audio, false, 1000, 20).value();
  CHECK(presentation(far) == std::vector<std::int64_t>{5000, 5020, 5040, 5060});
}

TEST_CASE("a sound's few times that stand out move nothing but themselves") {
  const auto heard = [](const std::vector<std::int64_t>& times) {
    return presentation(time_samples(with_times(times), MediaKind::audio, false, 1000, 20).value());
  };
  using Times = std::vector<std::int64_t>;
  CHECK(heard({5000, 5020, 0, 5060}) == Times{5000, 5020, 5040, 5060});
  CHECK(heard({5000, 5020, 0, 20, 40, 5100, 5120}) == Times{5000, 5020, 5040, 5060, 5080, 5100, 5120});
  CHECK(heard({0, 20, 9000, 9020, 80, 100}) == Times{0, 20, 40, 60, 80, 100});
  // A gap of 9 s and a second of sound are no single times.
  CHECK(heard({0, 20, 9000, 10'000, 80, 100}) == Times{0, 20, 9000, 10'000, 11'000, 11'020});
}

TEST_CASE("times that a container does not store come from the order in which pictures are shown") {
  std::vector<RawSample> counted = with_times(std::vector<std::int64_t>(6, kNoTime), {0, 1, 2, 3, 4, 5});
  const std::vector<std::int64_t> orders{0, 8, 4, 2, 0, 2};
  for (std::size_t i = 0; i < counted.size(); ++i) counted[i].order = orders[i];
  counted[0].entry = counted[4].entry = Entry::sync;
  CHECK(complete_times(counted, MediaKind::video, false) == 0);
  const auto pts_of = [](const std::vector<RawSample>& raw) {
    std::vector<std::int64_t> times;
    for (const RawSample& sample : raw) times.push_back(sample.pts);
    return times;
  };
  CHECK(pts_of(counted) == std::vector<std::int64_t>{0, 3, 2, 1, 4, 5});

  // I P B B P, of which the second P came without a time: the others tell by how much all are shown later.
  std::vector<RawSample> some = with_times({2, 5, 3, 4, kNoTime, 6, 7, 9}, {0, 1, 2, 3, 4, 5, 6, 7});
  for (const std::size_t reference : {0U, 1U, 4U, 7U}) some[reference].shown = Shown::before_next_reference;
  for (const std::size_t between : {2U, 3U, 5U, 6U}) some[between].shown = Shown::at_once;
  CHECK(complete_times(some, MediaKind::video, false) == 0);
  CHECK(pts_of(some) == std::vector<std::int64_t>{2, 5, 3, 4, 8, 6, 7, 9});

  std::vector<RawSample> typed = with_times(std::vector<std::int64_t>(5, kNoTime), {0, 1, 2, 3, 4});
  for (const std::size_t reference : {0U, 1U, 3U, 4U}) typed[reference].shown = Shown::before_next_reference;
  typed[2].shown = Shown::at_once;
  std::vector<RawSample> packed = typed;
  CHECK(complete_times(typed, MediaKind::video, false) == 0);
  CHECK(pts_of(typed) == std::vector<std::int64_t>{0, 2, 1, 3, 4});
  CHECK(complete_times(packed, MediaKind::video, true) == 0);
  CHECK(pts_of(packed) == std::vector<std::int64_t>{0, 1, 2, 3, 4});

  std::vector<RawSample> few = with_times({0, 20, kNoTime, 60, 80, 100, 120, 140, 160});
  CHECK(complete_times(few, MediaKind::audio, false) == 1);
  CHECK(few[2].pts == 40);
}

TEST_CASE("a clock that jumps is made continuous, and its tracks stay together") {
  SteadyClock clock(2);
  CHECK(clock.correction(0, 1'000'000, 40'000) == 0);
  CHECK(clock.correction(1, 1'010'000, 20'000) == 0);
  const std::int64_t by = clock.correction(0, 500'000'000, 40'000);
  CHECK(500'000'000 + by == 1'040'000);
  CHECK(clock.correction(1, 1'030'000, 20'000) == 0);  // the rest of before
  CHECK(clock.correction(1, 500'005'000, 20'000) == by);
  CHECK(clock.jumps() == 1);
  CHECK(clock.correction(0, 509'000'000, 40'000) == by);  // a gap is no jump
  CHECK(clock.correction(0, 518'000'000, 40'000) == by);
  CHECK(clock.correction(1, 518'100'000, 20'000) == by);  // silent while the other went on
  CHECK(clock.jumps() == 1);
}

TEST_CASE("a clock goes back by little, and it is a jump; ahead by little, and it is a gap") {
  SteadyClock clock(2);
  CHECK(clock.correction(0, 60'000'000, 40'000) == 0);
  CHECK(clock.correction(1, 59'300'000, 20'000) == 0);
  CHECK(clock.correction(0, 57'000'000, 40'000) == 3'040'000);
  CHECK(clock.correction(1, 59'320'000, 20'000) == 0);
  CHECK(clock.correction(1, 56'300'000, 20'000) == 3'040'000);
  CHECK(clock.correction(0, 57'040'000, 40'000) == 3'040'000);
  CHECK(clock.correction(0, 62'000'000, 40'000) == 3'040'000);  // packets are lost
  CHECK(clock.correction(1, 61'000'000, 20'000) == 3'040'000);
  CHECK(clock.correction(0, 61'600'000, 40'000) == 3'040'000);  // a muxer's disorder
  CHECK(clock.jumps() == 1);
  // The sound of the first part lasts longer than its picture.
  SteadyClock longer(2);
  CHECK(longer.correction(0, 60'000'000, 40'000) == 0);
  CHECK(longer.correction(1, 60'980'000, 20'000) == 0);
  CHECK(longer.correction(0, 57'000'000, 40'000) == 3'040'000);
  CHECK(longer.correction(1, 57'000'000, 20'000) == 3'040'000);
  CHECK(longer.correction(1, 57'020'000, 20'000) == 3'040'000);
  CHECK(longer.jumps() == 1);
}

TEST_CASE("times that stand out are put where they belong, and what follows stays") {
  for (const std::int64_t off : {-30'000'000, -3'000'000, 3'000'000, 30'000'000}) {
    CAPTURE(off);
    SteadyClock clock(2);
    for (std::int64_t i = 0; i < 100; ++i) {
      const std::int64_t time = 60'000'000 + i * 40'000;
      const bool wrong = i == 50 || i == 51;
      const std::int64_t by = clock.correction(0, wrong ? time + off : time, 40'000);
      if (wrong && off != 3'000'000)
        CHECK(by == -off);
      else
        CHECK(by == 0);
      CHECK(clock.correction(1, time - 700'000, 40'000) == 0);
    }
    CHECK(clock.jumps() == 0);
  }
}
