// Any samples, planned and written as the indexer does: what the packager makes of them is as long as it
// said, and inside.
#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "base/unique_fd.hpp"
#include "streamer/index/film_index.hpp"
#include "streamer/index/plan.hpp"
#include "streamer/package/segment_size.hpp"
#include "tests/fuzz/arbitrary_track.hpp"
#include "tests/fuzz/packaged.hpp"

namespace {

using namespace carrel;
using namespace carrel::streamer;
using fuzz::require;

FilmIndex::Track arbitrary_track(FuzzedDataProvider& data, MediaKind kind) {
  FilmIndex::Track track;
  track.info.kind = kind;
  track.info.use = TrackUse::remux;
  track.info.codec = kind == MediaKind::video ? Codec::h264 : Codec::opus;
  track.info.codec_string = kind == MediaKind::video ? "avc1.640015" : "opus";
  track.info.config = data.ConsumeRandomLengthString(64);
  track.info.language = data.ConsumeRandomLengthString(8);
  track.info.title = data.ConsumeRandomLengthString(32);
  track.info.timescale = fuzz::arbitrary_timescale(data);
  track.info.width = data.ConsumeIntegral<std::uint16_t>();
  track.info.height = data.ConsumeIntegral<std::uint16_t>();
  track.info.sample_rate = data.ConsumeIntegral<std::uint32_t>();
  track.info.channels = data.ConsumeIntegral<std::uint16_t>();
  track.info.reordered = data.ConsumeBool();
  track.info.is_default = data.ConsumeBool();
  track.samples = fuzz::arbitrary_samples(data);
  return track;
}

/// What the playlists promise of a segment is what a client gets.
void check_sizes(const IndexView& index) {
  for (std::uint32_t number = 0; number < index.tracks().size(); ++number) {
    const IndexView::Track& track = index.tracks()[number];
    for (std::uint32_t i = 0; i < track.segments.size(); ++i) {
      const auto packaged = package_segment(index, number, i);
      if (packaged) require(total_bytes(packaged->body) == segment_bytes(track.info, track.segments[i]));
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  FuzzedDataProvider data(bytes, size);
  FilmIndex film;
  film.container = "mp4";
  film.film_bytes = fuzz::kFilmBytes;
  film.duration_us = data.ConsumeIntegral<std::uint32_t>();
  auto picture = arbitrary_track(data, MediaKind::video);
  auto sound = arbitrary_track(data, MediaKind::audio);
  picture.segments = plan_video(picture.samples, 0, picture.info.timescale);
  sound.segments = plan_audio(sound.samples, 0, sound.info.timescale,
                              cut_times(picture.samples, picture.segments, picture.info.timescale));
  film.tracks = {std::move(picture), std::move(sound)};
  const UniqueFd fd(::memfd_create("index", MFD_CLOEXEC));
  require(write_index(fd.get(), film).has_value());
  const auto index = IndexView::open(fd.get());
  if (!index) return 0;  // a track without samples, or one whose times are none
  check_sizes(**index);
  fuzz::package_everything(**index);
  return 0;
}
