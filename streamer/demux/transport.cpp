#include "streamer/demux/transport.hpp"

#include <algorithm>
#include <string_view>

#include "streamer/demux/film_findings.hpp"

namespace carrel::streamer {

Transport::Transport(const AVFormatContext& format, const TsWatch& watch)
    : format_(format), watch_(watch), is_one_(std::string_view(format.iformat->name) == "mpegts") {
  clear_us_.fill(AV_NOPTS_VALUE);
}

void Transport::meet(const AVPacket& packet) {
  const AVStream& stream = *format_.streams[packet.stream_index];
  const std::int64_t time = packet.pts != AV_NOPTS_VALUE ? packet.pts : packet.dts;
  const auto encrypted = watch_.encrypted_from(stream.id);
  if (!is_one_ || time == AV_NOPTS_VALUE || packet.pos < 0) return;
  if (encrypted && static_cast<std::uint64_t>(packet.pos) >= *encrypted) return;
  std::int64_t& until = clear_us_[static_cast<std::size_t>(packet.stream_index)];
  until = std::max(until, av_rescale_q(time, stream.time_base, av_get_time_base_q()));
}

std::string Transport::other_picture(std::size_t stream, const Collectors& collectors) const {
  const auto picture = chosen_video(collectors);
  if (!picture || stream == *picture) return {};
  return watch_.apart(format_.streams[stream]->id, format_.streams[*picture]->id);
}

void Transport::leave_out(Collectors& collectors, SubtitleTracks& subtitles) const {
  for (std::size_t i = 0; is_one_ && i < collectors.size(); ++i) {
    if (watch_.encrypted_from(format_.streams[i]->id) && collectors[i]->count() == 0)
      collectors[i]->refuse("is encrypted");
    const std::string other = other_picture(i, collectors);
    if (other.empty()) continue;
    collectors[i]->refuse("belongs to " + other);
    subtitles.leave_out(i, "belong to " + other);
  }
}

void Transport::tell(Collectors& collectors, std::int64_t origin_us) const {
  const auto picture = chosen_video(collectors);
  for (std::size_t i = 0; is_one_ && i < collectors.size(); ++i) {
    const bool is_picture = collectors[i]->track().info.kind == MediaKind::video;
    if (is_picture && i != picture) {
      const std::string other = other_picture(i, collectors);
      collectors[i]->find("is left out: it " +
                          (other.empty() ? collectors[i]->track().refusal : "belongs to " + other));
    } else if (!collectors[i]->refused() && watch_.encrypted_from(format_.streams[i]->id)) {
      const std::int64_t from = std::max<std::int64_t>(clear_us_[i], origin_us) - origin_us;
      collectors[i]->find("is encrypted in part, from " +
                          clock_text(static_cast<std::uint64_t>(from) / AV_TIME_BASE) +
                          " on; that part is left out");
    }
  }
}

}  // namespace carrel::streamer
