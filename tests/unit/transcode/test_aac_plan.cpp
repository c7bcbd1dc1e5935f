#include <doctest/doctest.h>

#include <string>

#include "streamer/index/plan.hpp"
#include "streamer/transcode/aac_plan.hpp"
#include "tests/unit/media/index_file.hpp"

using namespace carrel;
using namespace carrel::streamer;
using protocol::Form;

namespace {

struct Sound {
  std::uint32_t rate = 48000;
  std::uint16_t channels = 6;
  std::uint64_t start = 0;  ///< ticks of 1/rate
  std::uint32_t samples = 470, sample_ticks = 1024;
  std::uint32_t priming = 0, trailing = 0;
};

/// The small film's picture with sound that no browser plays.
FilmIndex film_with(const Sound& sound, bool picture = true) {
  FilmIndex film = testing::small_film();
  TrackInfo& info = film.tracks[1].info;
  info.use = TrackUse::transcode;
  info.codec = Codec::ac3;
  info.timescale = info.sample_rate = sound.rate;
  info.channels = sound.channels;
  info.priming = sound.priming;
  info.trailing = sound.trailing;
  film.tracks[1].samples = testing::run_of(sound.samples, sound.sample_ticks, 1, 10, 500'000);
  film.tracks[1].segments = plan_audio(film.tracks[1].samples, sound.start, sound.rate, {});
  if (!picture) {
    film.tracks.erase(film.tracks.begin());
  }
  return film;
}

std::string lengths(const AacPlan& plan) {
  std::string text;
  for (const AacSegment& segment : plan.segments) text += std::to_string(segment.frames.count) + " ";
  return text;
}

}  // namespace

TEST_CASE("AAC is offered of sound alone, surround where there is more than stereo") {
  const auto view = testing::view_of(film_with({}));
  CHECK(aac_forms(view->tracks()[0]).empty());
  CHECK(aac_forms(view->tracks()[1]) == std::vector{Form::aac_stereo, Form::aac_surround});
  const auto stereo = testing::view_of(film_with({.channels = 2}));
  CHECK(aac_forms(stereo->tracks()[1]) == std::vector{Form::aac_stereo});
  for (const Form form : {Form::source, Form::aac_surround})
    CHECK(plan_aac(*stereo, 1, form).error().kind == ErrorKind::not_found);
  CHECK(plan_aac(*view, 0, Form::aac_stereo).error().kind == ErrorKind::not_found);
  CHECK(plan_aac(*view, 2, Form::aac_stereo).error().kind == ErrorKind::not_found);
}

TEST_CASE("segments are cut at the frames nearest to the picture's cuts and cover the sound without a gap") {
  const auto view = testing::view_of(film_with({}));
  const AacPlan plan = plan_aac(*view, 1, Form::aac_stereo).value();
  // The picture: 2, 2 and 6 s, that is 93.75, 187.5 and 468.75 frames; of 470 the last two are no segment.
  CHECK(lengths(plan) == "94 94 282 ");
  CHECK(plan.frame_count == 470);
  CHECK(plan.start == 0);
  std::uint64_t next = plan.start;
  for (const AacSegment& segment : plan.segments) {
    CHECK(segment.start == next);
    CHECK(segment.duration == segment.frames.count * 1024);
    CHECK(segment.bytes ==
          aac_moof_bytes(segment.frames.count) + 8 + segment.frames.count * plan.frame_bytes);
    next += segment.duration;
  }
  CHECK(next == 470 * 1024);
}

TEST_CASE("sound without a picture, and beyond it, is cut by itself") {
  const auto alone = testing::view_of(film_with({.samples = 1000}, false));
  CHECK(lengths(plan_aac(*alone, 0, Form::aac_stereo).value()) == "94 94 93 188 281 250 ");
  const auto longer = testing::view_of(film_with({.samples = 1200}));
  CHECK(lengths(plan_aac(*longer, 1, Form::aac_stereo).value()) == "94 94 281 281 281 169 ");
  const auto little = testing::view_of(film_with({.samples = 50}, false));
  CHECK(lengths(plan_aac(*little, 0, Form::aac_stereo).value()) == "50 ");
}

TEST_CASE("a picture with few places to cut at does not make the sound's segments long") {
  FilmIndex film = film_with({.samples = 469 * 6});  // 60 s
  film.tracks[0].samples = testing::run_of(1500, 1, 1500);
  film.tracks[0].segments = plan_video(film.tracks[0].samples, 0, 25);
  REQUIRE(film.tracks[0].segments.size() == 1);
  const AacPlan plan = plan_aac(*testing::view_of(film), 1, Form::aac_stereo).value();
  for (const AacSegment& segment : plan.segments) CHECK(segment.duration <= 9 * 48000 + 1024);
  CHECK(plan.segments.size() >= 9);
}

TEST_CASE("the first frame begins one before what is heard where there is room, and silence is not counted") {
  struct Case {
    Sound sound;
    std::uint64_t start;
    std::int64_t from, to;
  };
  const Case cases[] = {
      {{.samples = 10}, 0, 0, 10240},
      {{.start = 5000, .samples = 10}, 3976, 5000, 15240},
      {{.start = 100, .samples = 10}, 0, 100, 10340},
      {{.samples = 10, .priming = 1024, .trailing = 240}, 0, 1024, 10000},
      {{.rate = 96000, .start = 96000, .samples = 10, .priming = 2048}, 48000, 49024, 53120},
  };
  for (const Case& one : cases) {
    CAPTURE(one.start);
    CAPTURE(one.from);
    const auto view = testing::view_of(film_with(one.sound, false));
    const AacPlan plan = plan_aac(*view, 0, Form::aac_surround).value();
    CHECK(plan.start == one.start);
    CHECK(plan.heard_from == one.from);
    CHECK(plan.heard_to == one.to);
    CHECK(std::int64_t{plan.frame_count} * 1024 + static_cast<std::int64_t>(plan.start) >= plan.heard_to);
    CHECK(std::int64_t{plan.frame_count - 1} * 1024 + static_cast<std::int64_t>(plan.start) < plan.heard_to);
  }
}

TEST_CASE("sound that begins after the picture or ends before it is silent then, which costs little") {
  // From 2.2 to 3.7 s of 10 s.
  const Sound sound{.start = 105'600, .samples = 70};
  const AacPlan plan = plan_aac(*testing::view_of(film_with(sound)), 1, Form::aac_stereo).value();
  CHECK(plan.start == 0);
  CHECK(plan.heard_from == 105'600);
  CHECK(plan.heard_to == 177'280);
  CHECK(lengths(plan) == "94 94 281 ");
  CHECK(is_silent(plan, plan.segments[0].frames));
  CHECK_FALSE(is_silent(plan, plan.segments[1].frames));
  CHECK(is_silent(plan, plan.segments[2].frames));
  CHECK(aac_room(plan, plan.segments[0].frames) == 94 * 7);
  CHECK(aac_room(plan, plan.segments[1].frames) == 94 * plan.frame_bytes);
  CHECK(plan.segments[2].bytes == aac_moof_bytes(281) + 8 + 281 * 7);
  // Windows reach into the next frame.
  CHECK(is_silent(plan, {0, 102}));
  CHECK_FALSE(is_silent(plan, {0, 103}));
  CHECK_FALSE(is_silent(plan, {174, 10}));
  CHECK(is_silent(plan, {175, 10}));

  FilmIndex reordered = film_with(sound);
  for (SampleRecord& sample : reordered.tracks[0].samples) sample.composition_offset = 2;  // of 1/25 s
  const AacPlan shown = plan_aac(*testing::view_of(reordered), 1, Form::aac_stereo).value();
  CHECK(shown.start == 3'840);
  CHECK(shown.frame_count == 469);  // to 10.08 s

  const auto whole_of = [](const Sound& one) {
    const AacPlan made = plan_aac(*testing::view_of(film_with(one)), 1, Form::aac_stereo).value();
    return std::pair(made.start, made.start + std::uint64_t{made.frame_count} * 1024);
  };
  CHECK(whole_of({.start = 24'000, .samples = 430}) ==
        std::pair<std::uint64_t, std::uint64_t>(22'976, 464'320));
  CHECK(whole_of({.start = 24'001, .samples = 421}) == std::pair<std::uint64_t, std::uint64_t>(0, 480'256));
}

TEST_CASE("which sound would make a player stop while the picture goes on") {
  const auto alone = [](const Sound& sound) {
    const auto view = testing::view_of(film_with(sound));
    return leaves_picture_alone(*view, view->tracks()[1]);
  };
  CHECK_FALSE(alone({}));
  CHECK_FALSE(alone({.samples = 900}));
  CHECK_FALSE(alone({.start = 24'000}));
  CHECK(alone({.start = 24'001}));
  CHECK_FALSE(alone({.samples = 235}));  // 4.99 s before the end
  CHECK(alone({.samples = 234}));
  const auto without = testing::view_of(film_with({.samples = 10}, false));
  CHECK_FALSE(leaves_picture_alone(*without, without->tracks()[0]));
}

TEST_CASE("gaps are samples that last longer than others, where these are few") {
  const auto gaps = [](std::size_t count, std::uint32_t ticks) {
    FilmIndex film = film_with({.samples = 400});
    for (std::size_t i = 0; i < count; ++i) film.tracks[1].samples[10 * i].duration = ticks;
    film.tracks[1].segments = plan_audio(film.tracks[1].samples, 0, 48000, {});
    return has_gaps(testing::view_of(film)->tracks()[1]);
  };
  CHECK_FALSE(gaps(0, 0));
  CHECK_FALSE(gaps(1, 1024 + 4800));
  CHECK(gaps(1, 1024 + 4801));
  CHECK(gaps(3, 1024 + 1700));
  CHECK_FALSE(gaps(20, 1024 + 480));  // rounding
  CHECK(gaps(20, 1024 + 4800));
  CHECK_FALSE(gaps(21, 1024 + 4800));
}

TEST_CASE("sample rates that AAC has are kept up to 48 kHz; the configuration says what the frames are") {
  struct Case {
    std::uint32_t source, rate;
    std::uint16_t source_channels, channels;
    Form form;
    const char* config;
    std::uint32_t frame_bytes;
  };
  const Case cases[] = {
      {48000, 48000, 6, 2, Form::aac_stereo, "\x11\x90", 427},
      {48000, 48000, 6, 6, Form::aac_surround, "\x11\xb0", 1024},
      {48000, 48000, 8, 6, Form::aac_surround, "\x11\xb0", 1024},
      {44100, 44100, 1, 1, Form::aac_stereo, "\x12\x08", 279},
      {96000, 48000, 2, 2, Form::aac_stereo, "\x11\x90", 427},
      {88200, 44100, 2, 2, Form::aac_stereo, "\x12\x10", 465},
      {22050, 22050, 2, 2, Form::aac_stereo, "\x13\x90", 640},
      {8000, 8000, 1, 1, Form::aac_stereo, "\x15\x88", 384},
      {7350, 48000, 1, 1, Form::aac_stereo, "\x11\x88", 256},
      {37800, 48000, 2, 2, Form::aac_stereo, "\x11\x90", 427},
  };
  for (const Case& one : cases) {
    CAPTURE(one.source);
    const auto view = testing::view_of(film_with({.rate = one.source, .channels = one.source_channels}));
    const AacPlan plan = plan_aac(*view, 1, one.form).value();
    CHECK(plan.sample_rate == one.rate);
    CHECK(plan.channels == one.channels);
    CHECK(plan.config == one.config);
    CHECK(plan.frame_bytes == one.frame_bytes);
    CHECK(plan.frame_bytes <= 768U * one.channels);  // 6,144 bits a channel: ISO/IEC 14496-3 section 4.5.1.1
  }
}

TEST_CASE("a sound of a length that cannot be is not made") {
  FilmIndex film = film_with({.rate = 8000, .samples = 3, .sample_ticks = 0xffff'ffff});
  film.tracks[1].info.timescale = 1;
  CHECK(plan_aac(*testing::view_of(film), 1, Form::aac_stereo).error().kind == ErrorKind::not_found);
}
