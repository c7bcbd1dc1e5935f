#pragma once

#include <array>
#include <cstdint>

#include "streamer/demux/libav.hpp"
#include "streamer/demux/subtitle_tracks.hpp"
#include "streamer/demux/ts_watch.hpp"
#include "streamer/demux/verdict.hpp"

namespace carrel::streamer {

/// Of a film that is an MPEG-TS: leaves out what is encrypted or belongs to another picture. Of others it
/// does nothing.
class Transport {
 public:
  /// Both must outlive this.
  Transport(const AVFormatContext& format, const TsWatch& watch);

  /// `packet`, of one of the first kMaxIndexTracks, has its time on the film's clock.
  void meet(const AVPacket& packet);
  /// After the last packet.
  void leave_out(Collectors& collectors, SubtitleTracks& subtitles) const;
  /// Says so of pictures that are not shown, and from where on others are encrypted. `origin_us`: the time
  /// that is the film's beginning.
  void tell(Collectors& collectors, std::int64_t origin_us) const;

 private:
  [[nodiscard]] std::string other_picture(std::size_t stream, const Collectors& collectors) const;

  const AVFormatContext& format_;
  const TsWatch& watch_;
  bool is_one_;
  std::array<std::int64_t, kMaxIndexTracks> clear_us_;  ///< until when each track is not encrypted
};

}  // namespace carrel::streamer
