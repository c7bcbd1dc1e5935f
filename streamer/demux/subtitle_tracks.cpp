#include "streamer/demux/subtitle_tracks.hpp"

#include <algorithm>

#include "streamer/demux/codec_names.hpp"
#include "streamer/demux/subtitle_collector.hpp"
#include "streamer/index/ticks.hpp"

namespace carrel::streamer {
namespace {

constexpr std::size_t kMostKept = 64U << 20, kMostKeptOfAll = 128U << 20;

/// Those of broadcasts are in every recording, and nothing is odd about them.
bool is_unread(const AVCodecParameters& codec) {
  const AVCodecID id = codec_id_of(codec);
  return is_subtitle(codec) && id != AV_CODEC_ID_DVB_SUBTITLE && id != AV_CODEC_ID_DVB_TELETEXT;
}

}  // namespace

SubtitleTracks::SubtitleTracks(const AVFormatContext& format, FilmWindow& film) : film_(film) {
  meet_new(format);
}

void SubtitleTracks::meet_new(const AVFormatContext& format) {
  while (collectors_.size() < format.nb_streams) {
    const std::size_t number = collectors_.size();
    const AVCodecParameters& codec = *format.streams[number]->codecpar;
    collectors_.push_back(SubtitleCollector::make(*format.streams[number], film_));
    if (!wants(number) && is_unread(codec))
      find_left_out(number, "are " + codec_name(codec_id_of(codec)) + ", which is not read here");
  }
}

SubtitleTracks::~SubtitleTracks() = default;

bool SubtitleTracks::wants(std::size_t stream) const {
  return stream < collectors_.size() && collectors_[stream] != nullptr;
}

void SubtitleTracks::take(const AVPacket& packet) {
  collectors_[static_cast<std::size_t>(packet.stream_index)]->take(packet);
  keep_within_bounds();
}

void SubtitleTracks::leave_out(std::size_t stream, const std::string& why) {
  if (!wants(stream)) return;
  collectors_[stream].reset();
  find_left_out(stream, why);
}

void SubtitleTracks::find_left_out(std::size_t stream, const std::string& why) {
  findings_.push_back("The subtitles (track " + std::to_string(stream) + ") are left out: they " + why + ".");
}

/// Texts are kept, and pictures that the film does not have as they are sent (they are compressed): those of
/// the first tracks before those of others.
void SubtitleTracks::keep_within_bounds() {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < collectors_.size(); ++i) {
    if (!collectors_[i]) continue;
    const std::size_t own = collectors_[i]->kept_bytes();
    kept += own;
    if (own > kMostKept || kept > kMostKeptOfAll) return leave_out(i, "are larger than can be kept");
  }
}

void SubtitleTracks::store(FilmIndex& index) {
  for (std::size_t i = 0; i < collectors_.size() && i < index.tracks.size(); ++i) {
    if (collectors_[i]) collectors_[i]->store(index.tracks[i], origin_us(index));
    collectors_[i].reset();
  }
  std::ranges::copy(findings_, std::back_inserter(index.findings));
}

std::int64_t origin_us(const FilmIndex& index) {
  return rescale(index.origin_ticks, index.origin_timescale, AV_TIME_BASE);
}

}  // namespace carrel::streamer
