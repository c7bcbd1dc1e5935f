#include <span>

#include "streamer/index/plan.hpp"
#include "tests/unit/media/index_file.hpp"

namespace carrel::streamer::testing {

FilmIndex small_film() {
  FilmIndex film;
  film.container = "mp4";
  film.film_bytes = 1'000'000;
  film.film_mtime_ns = 5;
  film.duration_us = 10'000'000;

  FilmIndex::Track video;
  video.info.kind = MediaKind::video;
  video.info.codec = Codec::h264;
  video.info.use = TrackUse::remux;
  video.info.timescale = 25;
  video.info.width = 640;
  video.info.height = 360;
  video.info.codec_string = "avc1.64001E";
  video.info.config = std::string("\x01\x64\x00\x1e\xff\xe1\x00\x01\x67\x01\x00\x01\x68", 13);
  video.samples = run_of(250, 1, 25);
  for (SampleRecord& sample : std::span(video.samples).subspan(4 * 25 + 1)) sample.flags = 0;
  video.segments = plan_video(video.samples, 0, 25);

  FilmIndex::Track audio;
  audio.info.kind = MediaKind::audio;
  audio.info.codec = Codec::aac;
  audio.info.use = TrackUse::remux;
  audio.info.timescale = 48000;
  audio.info.sample_rate = 48000;
  audio.info.channels = 2;
  audio.info.language = "ger";
  audio.info.codec_string = "mp4a.40.2";
  audio.info.config = std::string("\x11\x90", 2);
  audio.samples = run_of(469, 1024, 1, 10, 500'000);
  audio.segments = plan_audio(audio.samples, 0, 48000, cut_times(video.samples, video.segments, 25));

  film.tracks = {video, audio};
  return film;
}

}  // namespace carrel::streamer::testing
