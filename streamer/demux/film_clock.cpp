#include "streamer/demux/film_clock.hpp"

#include "streamer/index/format.hpp"

namespace carrel::streamer {

FilmClock::FilmClock(const AVFormatContext& format, const Joints& joints)
    : joints_(joints), jumps_((format.iformat->flags & AVFMT_TS_DISCONT) != 0), steady_(kMaxIndexTracks) {}

void FilmClock::correct(AVPacket& packet, const AVStream& stream) {
  // Pictures of a stream are decoded in its order, but not shown in it; some have no time but one of these.
  const bool by_dts = jumps_ ? packet.dts != AV_NOPTS_VALUE : packet.pts == AV_NOPTS_VALUE;
  const std::int64_t time = by_dts ? packet.dts : packet.pts;
  if (time == AV_NOPTS_VALUE) return;
  // A parser does not say where what it took apart was.
  if (packet.pos >= 0) part_ = joints_.before(static_cast<std::uint64_t>(packet.pos));
  const AVRational unit = stream.time_base, microseconds = av_get_time_base_q();
  const std::int64_t at = av_rescale_q(time, unit, microseconds);
  const std::int64_t duration = av_rescale_q(packet.duration, unit, microseconds);
  const bool subtitle = stream.codecpar->codec_type == AVMEDIA_TYPE_SUBTITLE;  // may last as long as it likes
  const std::int64_t correction =
      jumps_ ? steady_.correction(static_cast<std::size_t>(stream.index), at, duration)
             : joined_.correction(part_, at, subtitle ? 0 : duration);
  const std::int64_t by = av_rescale_q(correction, microseconds, unit);
  for (std::int64_t* one : {&packet.pts, &packet.dts})
    if (*one != AV_NOPTS_VALUE && __builtin_add_overflow(*one, by, one)) *one = AV_NOPTS_VALUE;
}

std::vector<std::string> FilmClock::findings() const {
  std::vector<std::string> findings;
  if (steady_.jumps() > 0)
    findings.push_back("The clock of the film jumps (" + std::to_string(steady_.jumps()) +
                       " times); its parts were put one after the other.");
  if (joined_.moved() > 0)
    findings.push_back(
        "The file is " + std::to_string(joined_.moved() + 1) +
        " recordings joined end to end, which were put one after the other; those whose tracks "
        "are not like the first one's do not play rightly.");
  return findings;
}

}  // namespace carrel::streamer
