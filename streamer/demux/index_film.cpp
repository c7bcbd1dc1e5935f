#include "streamer/demux/index_film.hpp"

#include <algorithm>
#include <functional>
#include <string_view>

#include "streamer/demux/assemble.hpp"
#include "streamer/demux/chapters.hpp"
#include "streamer/demux/film_clock.hpp"
#include "streamer/demux/film_findings.hpp"
#include "streamer/demux/film_source.hpp"
#include "streamer/demux/late_sounds.hpp"
#include "streamer/demux/matroska_outline.hpp"
#include "streamer/demux/sidecars.hpp"
#include "streamer/demux/subtitle_tracks.hpp"
#include "streamer/demux/summary.hpp"
#include "streamer/demux/transport.hpp"
#include "streamer/demux/verdict.hpp"

namespace carrel::streamer {
namespace {

protocol::Indexed unreadable(std::string reason) {
  protocol::Indexed indexed;
  indexed.reason = std::move(reason);
  return indexed;
}

std::unique_ptr<Collector> collector_of(const AVFormatContext& format, const AVStream& stream,
                                        FilmWindow& window, bool late) {
  const std::string_view demuxer = format.iformat->name;
  DescribedTrack track = describe_track(stream);
  track.may_lack_times = demuxer == "mpeg";
  if (late && track.info.kind == MediaKind::video) {
    track.info.kind = MediaKind::other;
    track.refusal = "begins in the middle";
  }
  return std::make_unique<Collector>(std::move(track), ScatterLocator(window, demuxer == "mpegts"));
}

using Describe = std::function<std::unique_ptr<Collector>(const AVStream& stream, bool late)>;

/// What is beyond, fonts of subtitles mostly, is left out.
void describe_new(const AVFormatContext& format, const Describe& describe, bool late,
                  Collectors& collectors) {
  while (collectors.size() < std::min<std::size_t>(format.nb_streams, kMaxIndexTracks))
    collectors.push_back(describe(*format.streams[collectors.size()], late));
}

/// One picture is offered; the others (angles, previews) stay in the original.
void refuse_other_videos(Collectors& collectors) {
  const auto chosen = chosen_video(collectors);
  for (std::size_t i = 0; i < collectors.size(); ++i)
    if (collectors[i]->track().info.kind == MediaKind::video && i != chosen)
      collectors[i]->refuse("is not the one that is shown");
}

/// Reads all packets of the wanted tracks; empty, or why that failed.
std::string collect(AVFormatContext& format, const FilmReader& film, const Describe& describe,
                    Collectors& collectors, SubtitleTracks& subtitles, FilmClock& clock,
                    Transport& transport) {
  for (std::size_t i = 0; i < collectors.size(); ++i) {
    const bool wanted = !collectors[i]->refused() || subtitles.wants(i) ||
                        LateSounds::is_unheard(*format.streams[i], collectors[i]->track().info);
    format.streams[i]->discard = wanted ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
  }
  for (std::size_t i = collectors.size(); i < format.nb_streams; ++i)
    format.streams[i]->discard = AVDISCARD_ALL;
  const libav::Packet packet(av_packet_alloc());
  if (!packet) return "There is no memory to read the film.";
  std::size_t samples = 0;
  LateSounds late_sounds;
  while (av_read_frame(&format, packet.get()) >= 0) {
    const auto stream = static_cast<std::size_t>(packet->stream_index);
    // A stream may tell of tracks in its middle.
    describe_new(format, describe, true, collectors);
    subtitles.meet_new(format);
    if (stream < collectors.size() && format.streams[stream]->discard == AVDISCARD_DEFAULT) {
      if (LateSounds::is_unheard(*format.streams[stream], collectors[stream]->track().info) &&
          late_sounds.hear(*format.streams[stream], *packet))
        collectors[stream] = describe(*format.streams[stream], true);
      late_sounds.date(*format.streams[stream], *packet);
      clock.correct(*packet, *format.streams[stream]);
      transport.meet(*packet);
      if (subtitles.wants(stream)) {
        subtitles.take(*packet);
      } else {
        const std::size_t before = collectors[stream]->count();
        collectors[stream]->take(*packet);
        if (collectors[stream]->count() > before) ++samples;
      }
    }
    av_packet_unref(packet.get());
    if (samples > kMaxIndexSamples) return "The film has more frames than can be indexed.";
  }
  if (film.spent()) return "The film is laid out so that reading it never ends; it is damaged.";
  if (film.failed()) return "The film could not be read to its end: its disk reports an error.";
  return {};
}

std::uint64_t duration_us(const AVFormatContext& format, const std::vector<FilmIndex::Track>& tracks) {
  std::uint64_t longest = 0;
  for (const FilmIndex::Track& track : tracks) {
    if (track.segments.empty()) continue;
    const SegmentRecord& last = track.segments.back();
    const auto end = static_cast<double>(last.start + last.duration) / track.info.timescale;
    longest = std::max(longest, static_cast<std::uint64_t>(end * AV_TIME_BASE));
  }
  if (longest > 0 || format.duration <= 0) return longest;
  return std::min(static_cast<std::uint64_t>(format.duration), kMaxTicks);
}

/// Files beside the film count from its beginning. Where a container's clock begins anywhere that is its
/// first time; elsewhere it is zero, as the film itself counts.
std::int64_t zero_of_sidecars_us(const AVFormatContext& format, const Container& container) {
  const bool any_clock = container.name == "mpegts" || container.name == "mpegps";
  return any_clock && format.start_time != AV_NOPTS_VALUE ? format.start_time : 0;
}

}  // namespace

Result<protocol::Indexed> index_film(int film_fd, std::string extension, int index_fd,
                                     std::function<void(std::uint64_t)> progress,
                                     std::vector<protocol::OpenSidecar> sidecars) {
  auto opened = FilmReader::open(film_fd, std::move(progress));
  if (!opened) return opened.error();
  FilmReader& film = *opened;
  const auto source = FilmSource::open(film, extension);
  if (!source) return unreadable(why_unreadable(film));
  AVFormatContext& format = (*source)->format();

  FilmWindow window(film);
  const Describe describe = [&](const AVStream& stream, bool late) {
    return collector_of(format, stream, window, late);
  };
  Collectors collectors;
  describe_new(format, describe, false, collectors);
  const std::size_t first_tracks = collectors.size();
  SubtitleTracks subtitles(format, window);
  FilmClock clock(format, (*source)->joints());
  Transport transport(format, (*source)->ts_watch());
  const bool has_video = chosen_video(collectors).has_value();
  const Container container = container_of(format, film, has_video);
  const bool matroska = container.name == "mkv" || container.name == "webm";
  const MatroskaOutline outline = matroska ? outline_of(film) : MatroskaOutline{};
  FilmIndex index;
  index.container = container.name;
  index.film_bytes = film.size();
  index.film_mtime_ns = film.mtime_ns();
  refuse_other_videos(collectors);
  for (const auto& [stream, packing] : outline.packed) {
    const std::string why = "compressed " + packing + ", which cannot be undone here";
    if (stream < collectors.size()) collectors[stream]->refuse("is " + why);
    subtitles.leave_out(stream, "are " + why);
  }
  Verdict decided = verdict(collectors);
  if (decided.playable || decided.convertible) {
    const std::string failure = collect(format, film, describe, collectors, subtitles, clock, transport);
    transport.leave_out(collectors, subtitles);
    for (const auto& collector : collectors) {
      collector->finish();
      collector->drop_hidden_beginning();
    }
    decided = failure.empty() ? verdict(collectors) : Verdict{false, false, failure};
  }
  for (const auto& collector : collectors) index.tracks.emplace_back().info = collector->track().info;
  if (decided.playable || decided.convertible) {
    assemble(collectors, container.stores_dts, index);
    decided = verdict(collectors);
    transport.tell(collectors, origin_us(index));
    index.findings = findings_of(collectors);
    for (std::size_t i = first_tracks; i < collectors.size(); ++i)
      if (format.streams[i]->codecpar->codec_type == AVMEDIA_TYPE_VIDEO)
        index.findings.push_back("A picture that begins in the middle of the film (track " +
                                 std::to_string(i) + ") is left out.");
    if (format.nb_streams > kMaxIndexTracks)
      index.findings.push_back("The film has " + std::to_string(format.nb_streams) +
                               " tracks; those after the first 64 are not offered.");
    for (std::string& finding : clock.findings()) index.findings.push_back(std::move(finding));
  }
  index.problem = decided.problem;
  if (!decided.playable && !decided.convertible) withdraw_all(index);
  index.duration_us = duration_us(format, index.tracks);
  if (const auto unfit = cues_finding(outline.cues); unfit && index.problem.empty())
    index.findings.push_back(*unfit);
  for (std::string& apart : apart_findings(index)) index.findings.push_back(std::move(apart));
  if (const auto early = ends_early(container, format.duration, index.duration_us);
      early && index.problem.empty())
    index.findings.push_back(*early);
  if (decided.playable || decided.convertible) {
    subtitles.store(index);
    index.chapters = chapters_of(format, index, outline.hidden_chapters);
    append_sidecars(index, sidecars, origin_us(index) - zero_of_sidecars_us(format, container));
  }
  const auto written = write_index(index_fd, index);
  if (!written) return written.error();
  return summarise(index, collectors, container, decided);
}

}  // namespace carrel::streamer
