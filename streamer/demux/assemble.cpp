#include "streamer/demux/assemble.hpp"

#include <algorithm>

#include "streamer/demux/entries.hpp"
#include "streamer/demux/hidden_pictures.hpp"
#include "streamer/demux/single_picture.hpp"
#include "streamer/demux/sound_lengths.hpp"
#include "streamer/demux/timing.hpp"
#include "streamer/index/plan.hpp"
#include "streamer/index/ticks.hpp"

namespace carrel::streamer {
namespace {

struct Timed {
  FilmIndex::Track* track = nullptr;
  const Collector* collector = nullptr;
  std::int64_t first_dts = 0;
};

/// The earliest decoding time of all tracks becomes zero. What is later by less than a tick rounds to the
/// nearest, so that picture and sound stay together as they were.
void shift_whole_film(std::vector<Timed>& timed, FilmIndex& index) {
  const auto first = std::min_element(timed.begin(), timed.end(), [](const Timed& a, const Timed& b) {
    return earlier(a.first_dts, a.track->info.timescale, b.first_dts, b.track->info.timescale);
  });
  if (first == timed.end()) return;
  const std::int64_t earliest = first->first_dts;
  const std::uint32_t timescale = first->track->info.timescale;
  index.origin_ticks = earliest;
  index.origin_timescale = timescale;
  for (Timed& one : timed) one.first_dts -= rescale(earliest, timescale, one.track->info.timescale);
}

std::uint64_t ticks_of(const FilmIndex::Track& track) {
  std::uint64_t ticks = 0;
  for (const SampleRecord& sample : track.samples) ticks += sample.duration;
  return ticks;
}

/// When the last of the sounds ends, in ticks of 1/`timescale` s; 0 without any.
std::int64_t sound_end(const std::vector<Timed>& timed, std::uint32_t timescale) {
  std::int64_t end = 0;
  for (const Timed& one : timed) {
    if (one.track->info.kind != MediaKind::audio) continue;
    const std::int64_t own = one.first_dts + static_cast<std::int64_t>(ticks_of(*one.track));
    end = std::max(end, rescale(own, one.track->info.timescale, timescale));
  }
  return end;
}

double frames_per_second(const FilmIndex::Track& track) {
  return static_cast<double>(track.samples.size()) * track.info.timescale /
         static_cast<double>(std::max<std::uint64_t>(ticks_of(track), 1));
}

std::vector<Timed> time_tracks(std::vector<std::unique_ptr<Collector>>& collectors, bool stores_dts,
                               std::vector<FilmIndex::Track>& tracks) {
  std::vector<Timed> timed;
  for (std::size_t i = 0; i < collectors.size(); ++i) {
    Collector* collector = collectors[i].get();
    if (collector->refused()) continue;
    TrackInfo& info = tracks[i].info;
    auto raw = collector->take_samples();
    std::size_t mended = complete_times(raw, info.kind, collector->shown_as_stored());
    const std::int64_t last_shown = settle_hidden_pictures(raw, info, collector->last_duration());
    const std::int64_t last_duration = lay_side_by_side(raw, info, last_shown);
    const auto entries = entries_of(raw, info.timescale);
    auto times = time_samples(std::move(raw), info.kind, stores_dts, info.timescale, last_duration);
    if (!times) {
      collector->refuse("cannot be timed: " + times.error().message);
      continue;
    }
    mended += times->mended;
    if (mended > 0)
      collector->find("has times that were missing or ran backwards, which were mended (" +
                      std::to_string(mended) + " frames)");
    if (!entries.independent) collector->cut_at_open_entries();
    for (const std::size_t entry : entries.samples) times->samples[entry].flags |= kSampleSync;
    tracks[i].samples = std::move(times->samples);
    tracks[i].pieces = collector->pieces().take_pieces();
    tracks[i].literals = collector->pieces().take_literals();
    info.use = collector->track().use;
    info.independent = entries.independent;
    info.reordered = std::any_of(tracks[i].samples.begin(), tracks[i].samples.end(),
                                 [](const SampleRecord& sample) { return sample.composition_offset != 0; });
    collector->complete(info, frames_per_second(tracks[i]));
    timed.push_back({&tracks[i], collector, times->first_dts});
  }
  return timed;
}

}  // namespace

void assemble(std::vector<std::unique_ptr<Collector>>& collectors, bool stores_dts, FilmIndex& index) {
  std::vector<Timed> timed = time_tracks(collectors, stores_dts, index.tracks);
  shift_whole_film(timed, index);
  for (const Timed& one : timed) {
    if (one.track->info.kind != MediaKind::video) continue;
    const std::uint32_t timescale = one.track->info.timescale;
    repeat_single_picture(one.track->samples, timescale, sound_end(timed, timescale) - one.first_dts);
  }
  std::vector<CutTime> cuts;
  for (const Timed& one : timed) {
    if (one.track->info.kind != MediaKind::video) continue;
    const auto start = static_cast<std::uint64_t>(one.first_dts);
    one.track->segments = plan_video(one.track->samples, start, one.track->info.timescale);
    cuts = cut_times(one.track->samples, one.track->segments, one.track->info.timescale);
  }
  for (const Timed& one : timed) {
    if (one.track->info.kind == MediaKind::video) continue;
    const auto start = static_cast<std::uint64_t>(one.first_dts);
    one.track->segments = plan_audio(one.track->samples, start, one.track->info.timescale, cuts);
  }
}

}  // namespace carrel::streamer
