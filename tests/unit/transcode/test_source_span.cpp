#include <doctest/doctest.h>

#include "streamer/index/plan.hpp"
#include "streamer/index/ticks.hpp"
#include "streamer/transcode/source_span.hpp"
#include "tests/unit/media/index_file.hpp"

using namespace carrel::streamer;

namespace {

/// Coded samples of `lengths` decoded ones at 48 kHz, their times rounded to `timescale`.
FilmIndex film_of(const std::vector<std::int64_t>& lengths, std::uint32_t timescale) {
  FilmIndex film;
  FilmIndex::Track track;
  track.info.kind = MediaKind::audio;
  track.info.use = TrackUse::transcode;
  track.info.sample_rate = 48000;
  track.info.channels = 2;
  track.info.timescale = timescale;
  std::int64_t at = 0;
  for (const std::int64_t length : lengths) {
    SampleRecord sample;
    sample.duration =
        static_cast<std::uint32_t>(rescale(at + length, 48000, timescale) - rescale(at, 48000, timescale));
    track.samples.push_back(sample);
    at += length;
  }
  track.segments = plan_audio(track.samples, 0, timescale, {});
  film.tracks.push_back(std::move(track));
  return film;
}

}  // namespace

TEST_CASE("coded samples of one length lie side by side, though their times were rounded") {
  for (const std::uint32_t timescale : {1000U, 90000U, 48000U, 600U}) {
    CAPTURE(timescale);
    const auto view = testing::view_of(film_of(std::vector<std::int64_t>(1000, 1536), timescale));
    const auto& track = view->tracks()[0];
    CHECK(even_length(track) == 1536);
    const SourceSpan span = span_of(track, 1536 * 500 + 3, 1536 * 510);
    CHECK(span.slack == 0);
    CHECK(span.first == 500);
    REQUIRE(span.positions.size() == 10);
    for (std::size_t i = 0; i < span.positions.size(); ++i)
      CHECK(span.positions[i] == 1536 * (500 + static_cast<std::int64_t>(i)));
  }
}

TEST_CASE("a gap begins a new run, wherever the stretch begins") {
  FilmIndex film = film_of(std::vector<std::int64_t>(1000, 1152), 1000);
  film.tracks[0].samples[300].duration += 70;
  film.tracks[0].segments = plan_audio(film.tracks[0].samples, 0, 1000, {});
  const auto view = testing::view_of(film);
  const auto& track = view->tracks()[0];
  CHECK(even_length(track) == 1152);
  const SourceSpan over = span_of(track, 290 * 1152, 500 * 1152);
  const SourceSpan after = span_of(track, 400 * 1152, 500 * 1152);
  CHECK(over.positions[10] == 300 * 1152);
  const std::int64_t gap = over.positions[11] - over.positions[10] - 1152;
  CHECK(gap >= 69 * 48);
  CHECK(gap <= 71 * 48);
  const std::size_t offset = after.first - over.first;
  for (std::size_t i = 0; i < after.positions.size(); ++i)
    CHECK(after.positions[i] == over.positions[i + offset]);
}

TEST_CASE("coded samples of several lengths are where the film says, more or less") {
  std::vector<std::int64_t> lengths;
  for (int i = 0; i < 900; ++i) lengths.push_back(i % 7 < 4 ? 1024 : i % 7 == 4 ? 576 : 128);
  const auto rounded = testing::view_of(film_of(lengths, 1000));
  CHECK(even_length(rounded->tracks()[0]) == 0);
  CHECK(span_of(rounded->tracks()[0], 0, 48000).slack > 0);
  const auto exact = testing::view_of(film_of(lengths, 48000));
  const SourceSpan span = span_of(exact->tracks()[0], 0, 480'000);
  std::int64_t at = 0;
  for (std::size_t i = 0; i < span.positions.size(); ++i) {
    CHECK(span.positions[i] == at);
    at += lengths[i];
  }
}

TEST_CASE("an index that lies makes no long list") {
  FilmIndex film = film_of(std::vector<std::int64_t>(100'000, 1), 48000);
  for (SampleRecord& sample : film.tracks[0].samples) sample.duration = 0;
  film.tracks[0].samples.back().duration = 48000;
  film.tracks[0].segments = plan_audio(film.tracks[0].samples, 0, 48000, {});
  const auto view = testing::view_of(film);
  CHECK(span_of(view->tracks()[0], -10, 48000).positions.size() <= kMostSpanSamples);
}
