#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "streamer/index/plan.hpp"
#include "streamer/transcode/aac_boxes.hpp"
#include "streamer/transcode/aac_encoder.hpp"
#include "streamer/transcode/aac_frames.hpp"
#include "streamer/transcode/aac_segment.hpp"
#include "streamer/transcode/aac_shelf.hpp"
#include "streamer/transcode/silent_frame.hpp"
#include "tests/unit/transcode/pcm_film.hpp"

using namespace carrel;
using namespace carrel::streamer;
using protocol::Form;
using testing::PcmFilm;
using testing::PcmShape;
using testing::Wave;

namespace {

constexpr double kTurn = 2 * std::numbers::pi;

double sine(std::int64_t sample, std::size_t channel) {
  return 0.5 * std::sin(kTurn * (channel == 0 ? 441.0 : 997.0) * static_cast<double>(sample) / 48000);
}

/// White noise below 6 kHz or so, repeatable, without a state: a hash of its place.
double hash(std::int64_t place, std::size_t channel) {
  auto x = static_cast<std::uint64_t>(place) * 2 + channel + 0x9e3779b97f4a7c15U;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9U;
  x = (x ^ x >> 27) * 0x94d049bb133111ebU;
  return static_cast<double>((x ^ x >> 31) >> 11) / 4503599627370496.0 - 1;
}
double noise(std::int64_t sample, std::size_t channel) {
  double sum = 0;
  for (std::int64_t i = 0; i < 4; ++i) sum += hash(sample - i, channel);
  return 0.15 * sum;
}

/// A click every 61 ms, each time at another place of a frame, so that windows of all kinds meet at joins.
double clicks(std::int64_t sample, std::size_t channel) {
  const std::int64_t since = sample % 2917;
  return since < 400 ? noise(sample, channel) * std::exp(-static_cast<double>(since) / 60)
                     : 0.02 * sine(sample, channel);
}

AacPlan plan_of(const PcmFilm& film, Form form = Form::aac_stereo) {
  return plan_aac(*testing::view_of(film.index), 0, form).value();
}

/// The noise of blocks of a frame, those that begin at a join and all others; both as dB under full scale.
struct Errors {
  std::vector<double> joins, others;
};

Errors errors_of(const PcmShape& shape, const Wave& wave) {
  const PcmFilm film = testing::pcm_film(shape, wave);
  const AacPlan plan = plan_of(film);
  const Planes sound = testing::heard(plan, testing::all_segments(film, Form::aac_stereo));
  Errors errors;
  for (std::uint32_t frame = 2; frame + 2 < plan.frame_count; ++frame) {
    const bool join =
        std::ranges::any_of(plan.segments, [&](const AacSegment& one) { return one.frames.first == frame; });
    // Half a frame before the join to half a frame after it, where the windows of both sides overlap.
    double error = 0;
    for (std::int64_t i = std::int64_t{frame} * 1024 - 512; i < std::int64_t{frame} * 1024 + 1024; ++i) {
      const double wished =
          wave(static_cast<std::int64_t>(plan.start) + i - static_cast<std::int64_t>(shape.start), 0);
      const double off = static_cast<double>(sound.row(0)[static_cast<std::size_t>(i)]) - wished;
      error += off * off;
    }
    (join ? errors.joins : errors.others).push_back(10 * std::log10(error / 1536 + 1e-12));
  }
  return errors;
}

}  // namespace

TEST_CASE("segments that were made apart join without a gap and without a click") {
  const std::pair<const char*, Wave> waves[] = {{"sine", sine}, {"noise", noise}, {"clicks", clicks}};
  for (const auto& [name, wave] : waves) {
    CAPTURE(name);
    Errors errors = errors_of({.samples = 48000 * 40}, wave);
    REQUIRE(errors.joins.size() >= 6);
    std::ranges::sort(errors.others);
    const double worst = errors.others[errors.others.size() * 98 / 100];
    for (const double join : errors.joins) CHECK(join <= worst + 3);
    // The same place in another segment's warm-up would be wrong by the whole signal.
    CHECK(worst < -20);
  }
}

TEST_CASE("a segment has the size that was promised, names its frames, and is the same bytes each time") {
  const PcmFilm film = testing::pcm_film({.samples = 48000 * 12}, noise);
  const AacPlan plan = plan_of(film);
  std::uint64_t next = plan.start;
  for (std::uint32_t i = 0; i < plan.segments.size(); ++i) {
    const std::string bytes = testing::one_segment(film, Form::aac_stereo, i);
    CHECK(bytes.size() == plan.segments[i].bytes);
    CHECK(bytes == testing::one_segment(film, Form::aac_stereo, i));
    const auto frames = testing::frames_of(bytes);
    CHECK(frames.size() == plan.segments[i].frames.count);
    std::uint64_t sum = 0;
    for (const std::string& frame : frames) {
      CHECK(frame.size() <= 768 * 2);
      sum += frame.size();
    }
    CHECK(sum <= std::uint64_t{plan.frame_bytes} * frames.size());
    CHECK(sum * 10 > std::uint64_t{plan.frame_bytes} * frames.size() * 8);  // the room is used
    CHECK(plan.segments[i].start == next);
    next += plan.segments[i].duration;
  }
}

TEST_CASE("sound stays where it was, to the sample, whatever the film's clock") {
  struct Case {
    PcmShape shape;
    Form form;
  };
  const Case cases[] = {
      {{}, Form::aac_stereo},
      {{.start = 12'345}, Form::aac_stereo},
      {{.packet = 1536, .timescale = 1000}, Form::aac_stereo},  // Matroska's milliseconds
      {{.packet = 1152, .timescale = 90000, .start = 48'000}, Form::aac_stereo},
      {{.rate = 44100, .samples = 441'000, .packet = 1152, .timescale = 1000}, Form::aac_stereo},
      {{.rate = 96000, .samples = 960'000, .packet = 1024, .timescale = 1000}, Form::aac_stereo},
      {{.channels = 6}, Form::aac_surround},
      {{.channels = 1}, Form::aac_stereo},
  };
  for (const Case& one : cases) {
    CAPTURE(one.shape.rate);
    CAPTURE(one.shape.timescale);
    const auto chirp = [&](std::int64_t sample, std::size_t) {
      const double t = static_cast<double>(sample) / one.shape.rate;
      return 0.5 * std::sin(kTurn * (300 * t + 40 * t * t));
    };
    const PcmFilm film = testing::pcm_film(one.shape, chirp);
    const AacPlan plan = plan_of(film, one.form);
    const Planes sound = testing::heard(plan, testing::all_segments(film, one.form));
    const double ratio = static_cast<double>(one.shape.rate) / plan.sample_rate;
    const auto at = [&](std::int64_t i) {
      const double place = (static_cast<double>(plan.start) + static_cast<double>(i)) * ratio -
                           static_cast<double>(one.shape.start);
      const double t = place / one.shape.rate;
      return 0.5 * std::sin(kTurn * (300 * t + 40 * t * t));
    };
    // One sample late would be 18 dB.
    CHECK(testing::snr(sound, 0, 4096, plan.sample_rate * 9, at) > 27);
  }
}

TEST_CASE("a gap in the film is silent, and what follows it is where the film says") {
  PcmFilm film = testing::pcm_film({.samples = 48000 * 10, .packet = 960, .timescale = 1000}, sine);
  auto& track = film.index.tracks[0];
  track.samples[199].duration += 1000;  // after 4 s
  track.segments = plan_audio(track.samples, 0, 1000, {});
  const AacPlan plan = plan_of(film);
  const Planes sound = testing::heard(plan, testing::all_segments(film, Form::aac_stereo));
  CHECK(plan.heard_to == 11 * 48000);
  CHECK(testing::snr(sound, 0, 48000, 48000 * 2, [](std::int64_t i) { return sine(i, 0); }) > 30);
  for (std::size_t i = 48000 * 4 + 3000; i < 48000 * 5 - 3000; ++i)
    REQUIRE(std::abs(sound.row(0)[i]) < 0.001F);
  CHECK(testing::snr(sound, 0, 48000 * 6, 48000 * 4, [](std::int64_t i) { return sine(i - 48000, 0); }) > 30);
}

TEST_CASE("while the picture goes on without sound there is silence, and the sound is where it was") {
  PcmFilm film = testing::pcm_film({.samples = 48000, .start = 105'600}, sine);
  film.index.tracks.push_back(testing::small_film().tracks[0]);
  const AacPlan plan = plan_of(film);
  REQUIRE(plan.segments.size() == 3);
  const auto segments = testing::all_segments(film, Form::aac_stereo);
  for (std::size_t i = 0; i < 3; ++i) CHECK(segments[i].size() == plan.segments[i].bytes);
  for (const std::size_t silent : {0U, 2U})
    for (const std::string& frame : testing::frames_of(segments[silent])) CHECK(frame == silent_aac_frame(2));
  const Planes sound = testing::heard(plan, segments);
  CHECK(sound.size() == 469 * 1024);
  CHECK(testing::snr(sound, 0, 105'600 + 2048, 44'000, [](std::int64_t i) { return sine(i - 105'600, 0); }) >
        30);
  for (const auto& [first, count] : {std::pair(0, 103'000), std::pair(156'000, 324'000)})
    CHECK(std::ranges::all_of(
        sound.row(0).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count)),
        [](float value) { return std::abs(value) < 0.001; }));
}

TEST_CASE("overlaps are dropped, and samples that the film does not have are silent") {
  PcmFilm film = testing::pcm_film({.samples = 48000 * 10, .packet = 960, .timescale = 1000}, sine);
  auto& track = film.index.tracks[0];
  track.samples[249].duration = 0;  // from 5 s on all is 20 ms early
  track.samples[400].size = 0;
  track.samples[401].offset = film.index.film_bytes - 1;  // a lie
  track.segments = plan_audio(track.samples, 0, 1000, {});
  const AacPlan plan = plan_of(film);
  const Planes sound = testing::heard(plan, testing::all_segments(film, Form::aac_stereo));
  CHECK(testing::snr(sound, 0, 48000 * 6, 48000, [](std::int64_t i) { return sine(i + 960, 0); }) > 30);
  const std::size_t lost = 399 * 960;
  for (std::size_t i = lost + 300; i < lost + 1920 - 300; ++i) REQUIRE(std::abs(sound.row(0)[i]) < 0.05F);
  CHECK(testing::snr(sound, 0, 48000 * 9, 30000, [](std::int64_t i) { return sine(i + 960, 0); }) > 30);
}

TEST_CASE("what is louder than the room allows is encoded again, and in the end silenced") {
  PcmFilm film =
      testing::pcm_film({.samples = 48000 * 4}, [](std::int64_t i, std::size_t c) { return hash(i, c); });
  const AacPlan plan = plan_of(film);
  for (const std::string& segment : testing::all_segments(film, Form::aac_stereo))
    CHECK(testing::frames_of(segment).size() > 90);

  std::vector<std::string> frames{std::string(100, 'a'), std::string(50, 'b'), std::string(80, 'c')};
  fit_frames(frames, 230, 2);
  CHECK(frames[0].size() == 100);
  fit_frames(frames, 150, 2);
  CHECK(frames[0] == silent_aac_frame(2));
  CHECK(frames[1].size() == 50);
  CHECK(frames[2].size() == 80);
}

TEST_CASE("the frame of silence decodes as such") {
  for (const std::size_t channels : {1U, 2U, 6U}) {
    CAPTURE(channels);
    const Form form = channels == 6 ? Form::aac_surround : Form::aac_stereo;
    PcmFilm film = testing::pcm_film({.channels = static_cast<std::uint16_t>(channels), .samples = 48000},
                                     [](std::int64_t, std::size_t) { return 0.0; });
    const AacPlan plan = plan_of(film, form);
    const std::vector<std::string> frames(plan.frame_count, silent_aac_frame(channels));
    const AacSegment& segment = plan.segments[0];
    const Planes sound =
        testing::heard(plan, {write_aac_segment(segment, aac_room(plan, segment.frames), 0, frames)});
    REQUIRE(sound.size() == std::size_t{plan.frame_count} * 1024);
    for (std::size_t c = 0; c < channels; ++c)
      for (const float sample : sound.row(c)) REQUIRE(sample == 0);
  }
}

TEST_CASE("a segment is made when it is needed, in turns, and once for all who ask") {
  const PcmFilm film = testing::pcm_film({.samples = 48000 * 4}, sine);
  const auto view = testing::view_of(film.index);
  const AacPlan plan = plan_aac(*view, 0, Form::aac_stereo).value();
  std::size_t reads = 0;
  const auto reader = [&](int, const Pieces& pieces) -> Result<std::string> {
    ++reads;
    const auto& part = std::get<FilmBytes>(pieces.at(0));
    return film.bytes.substr(static_cast<std::size_t>(part.offset), static_cast<std::size_t>(part.length));
  };
  AacShelf shelf(aac_room(plan, plan.segments[0].frames) + 10);
  const auto get = [&](std::uint32_t number) {
    const FrameRange wanted = plan.segments[number].frames;
    return shelf.get({.frames = wanted},
                     [&] { return std::make_shared<AacFrames>(view, 0, plan, wanted, reader); });
  };
  const auto first = get(0);
  CHECK(reads == 0);
  CHECK(get(0) == first);
  AacSegmentMaker maker(plan, 0, first);
  CHECK_FALSE(maker.prepared());
  std::size_t turns = 0;
  while (!maker.prepared()) {
    REQUIRE(maker.prepare(-1, std::chrono::steady_clock::time_point::min()).has_value());
    ++turns;
  }
  CHECK(turns > 100);
  const std::size_t before = reads;
  std::string bytes(static_cast<std::size_t>(maker.bytes()), '?');
  REQUIRE(maker.make(-1, 0, bytes).has_value());
  CHECK(bytes == testing::one_segment(film, Form::aac_stereo, 0));
  std::string tail(10, '?');
  REQUIRE(maker.make(-1, maker.bytes() - 10, tail).has_value());
  CHECK(tail == bytes.substr(bytes.size() - 10));
  CHECK(reads == before);
  static_cast<void>(get(1));  // there is room for one
  CHECK(get(0) != first);
}

TEST_CASE("a film that cannot be read is an error, a codec that nothing decodes another") {
  PcmFilm film = testing::pcm_film({.samples = 48000 * 4}, sine);
  const auto failing = [](int, const Pieces&) -> Result<std::string> {
    return make_error(ErrorKind::invalid, "gone");
  };
  const AacPlan plan = plan_of(film);
  const FrameRange wanted = plan.segments[0].frames;
  AacSegmentMaker maker(plan, 0,
                        std::make_shared<AacFrames>(testing::view_of(film.index), 0, plan, wanted, failing));
  std::string bytes(10, '?');
  CHECK(maker.make(-1, 0, bytes).error().message == "gone");
  film.index.tracks[0].info.decoder = 0x1b;  // a picture's
  AacSegmentMaker other(plan, 0,
                        std::make_shared<AacFrames>(testing::view_of(film.index), 0, plan, wanted, failing));
  CHECK(other.make(-1, 0, bytes).error().kind == ErrorKind::invalid);
}
