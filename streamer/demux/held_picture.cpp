#include "streamer/demux/held_picture.hpp"

#include <algorithm>
#include <limits>

#include "streamer/index/ticks.hpp"

namespace carrel::streamer {
namespace {

constexpr std::int64_t kMostTicks =
    std::numeric_limits<std::int32_t>::max();  // which not all players read as unsigned

/// When the last segment's samples end to be shown or heard, ticks.
std::int64_t end_of(const FilmIndex::Track& track) {
  const SegmentRecord& last = track.segments.back();
  return static_cast<std::int64_t>(last.start + last.duration) +
         track.samples[last.first_sample].composition_offset;
}

bool is(MediaKind kind, const FilmIndex::Track& track) {
  return track.info.kind == kind && !track.segments.empty();
}

void hold(FilmIndex::Track& picture, std::int64_t until) {
  SampleRecord& last = picture.samples.back();
  const std::int64_t room = std::max<std::int64_t>(kMostTicks - last.duration, 0);
  const auto held = static_cast<std::uint32_t>(std::min(until - end_of(picture), room));
  last.duration += held;
  picture.segments.back().duration += held;
  picture.info.held = held;
}

}  // namespace

void hold_last_picture(std::span<FilmIndex::Track> tracks) {
  for (FilmIndex::Track& picture : tracks) {
    if (!is(MediaKind::video, picture)) continue;
    const std::uint32_t timescale = picture.info.timescale;
    std::int64_t until = end_of(picture) + timescale / 2;
    for (const FilmIndex::Track& sound : tracks)
      if (is(MediaKind::audio, sound))
        until = std::max(until, rescale(end_of(sound), sound.info.timescale, timescale));
    if (until > end_of(picture) + timescale / 2) hold(picture, until);
  }
}

}  // namespace carrel::streamer
