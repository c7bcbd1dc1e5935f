#include <doctest/doctest.h>

#include <limits>

#include "streamer/demux/held_picture.hpp"
#include "streamer/index/plan.hpp"
#include "streamer/package/package.hpp"
#include "streamer/package/rendition.hpp"
#include "streamer/package/ts_plan.hpp"
#include "tests/unit/media/index_file.hpp"

using namespace carrel;
using namespace carrel::streamer;
using namespace carrel::streamer::testing;

namespace {

/// Of so many pictures at 25 a second, with 10 s of sound.
FilmIndex film_of(std::size_t pictures) {
  FilmIndex film = small_film();
  FilmIndex::Track& picture = film.tracks[0];
  picture.samples.resize(pictures);
  picture.segments = plan_video(picture.samples, 0, 25);
  FilmIndex::Track& sound = film.tracks[1];
  sound.segments = plan_audio(sound.samples, 0, 48000, cut_times(picture.samples, picture.segments, 25));
  return film;
}

}  // namespace

TEST_CASE("the last picture stays as long as there is sound") {
  FilmIndex film = film_of(100);
  const std::uint64_t bytes = film.tracks[0].segments.back().bytes;
  hold_last_picture(film.tracks);
  const FilmIndex::Track& picture = film.tracks[0];
  CHECK(picture.info.held == 150);  // 469 frames of 1,024 samples are 10.005 s
  CHECK(picture.samples.back().duration == 151);
  CHECK(picture.samples[98].duration == 1);
  CHECK(picture.segments.back().bytes == bytes);
  const auto view = view_of(film);
  REQUIRE(view->tracks()[0].info.held == 150);
  const Rendition shown = source_rendition(view->tracks()[0], 0);
  CHECK(shown.end() == 250);
  CHECK(milliframes(shown) == 25'000);
}

TEST_CASE("one picture with sound lasts as long as that") {
  FilmIndex film = film_of(1);
  hold_last_picture(film.tracks);
  CHECK(film.tracks[0].segments.back().duration == 250);
  CHECK(milliframes(source_rendition(view_of(film)->tracks()[0], 0)) == 25'000);
}

TEST_CASE("a picture that ends half a second before the sound stays as it is, and so does one without any") {
  for (FilmIndex film : {film_of(238), film_of(250)}) {
    const auto samples = film.tracks[0].samples;
    hold_last_picture(film.tracks);
    CHECK(film.tracks[0].info.held == 0);
    CHECK(film.tracks[0].samples == samples);
  }
  FilmIndex silent = film_of(100);
  silent.tracks.pop_back();
  hold_last_picture(silent.tracks);
  CHECK(silent.tracks[0].info.held == 0);
}

TEST_CASE("a picture that is shown late stays for what is left") {
  FilmIndex film = film_of(200);
  for (SampleRecord& sample : film.tracks[0].samples) sample.composition_offset = 10;
  hold_last_picture(film.tracks);
  CHECK(film.tracks[0].info.held == 40);
}

TEST_CASE("a sample lasts no longer than can be written") {
  constexpr std::uint32_t most = std::numeric_limits<std::int32_t>::max();
  FilmIndex film = film_of(100);
  film.tracks[0].info.timescale = 1'000'000'000;
  hold_last_picture(film.tracks);
  CHECK(film.tracks[0].samples.back().duration == most);
  CHECK(film.tracks[0].info.held == most - 1);
}

TEST_CASE("in MPEG-TS sound goes on without the picture") {
  FilmIndex film = film_of(100);
  const auto before = plan_ts(*view_of(film), 0);
  hold_last_picture(film.tracks);
  const auto after = plan_ts(*view_of(film), 0);
  REQUIRE(before.has_value());
  REQUIRE(after.has_value());
  REQUIRE(after->segments.size() == before->segments.size());
  for (std::size_t i = 0; i < before->segments.size(); ++i) {
    CHECK(after->segments[i].start == before->segments[i].start);
    CHECK(after->segments[i].end == before->segments[i].end);
  }
  CHECK_FALSE(after->segments.back().picture.has_value());
}

TEST_CASE("an index in which the picture stays longer than its last segment is damaged") {
  FilmIndex film = film_of(100);
  film.tracks[0].info.held = static_cast<std::uint32_t>(film.tracks[0].segments.back().duration);
  CHECK_FALSE(open_bytes(bytes_of(film)).has_value());
}
