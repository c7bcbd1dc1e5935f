#include "streamer/demux/subtitle_tracks.hpp"

#include "streamer/demux/subtitle_collector.hpp"
#include "streamer/index/ticks.hpp"

namespace carrel::streamer {

SubtitleTracks::SubtitleTracks(const AVFormatContext& format, FilmReader& film) {
  for (unsigned i = 0; i < format.nb_streams; ++i)
    collectors_.push_back(SubtitleCollector::make(*format.streams[i], film));
}

SubtitleTracks::~SubtitleTracks() = default;

bool SubtitleTracks::wants(std::size_t stream) const {
  return stream < collectors_.size() && collectors_[stream] != nullptr;
}

void SubtitleTracks::take(const AVPacket& packet) {
  collectors_[static_cast<std::size_t>(packet.stream_index)]->take(packet);
}

void SubtitleTracks::store(FilmIndex& index) {
  for (std::size_t i = 0; i < collectors_.size() && i < index.tracks.size(); ++i)
    if (collectors_[i]) collectors_[i]->store(index.tracks[i], origin_us(index));
}

std::int64_t origin_us(const FilmIndex& index) {
  return rescale(index.origin_ticks, index.origin_timescale, AV_TIME_BASE);
}

}  // namespace carrel::streamer
