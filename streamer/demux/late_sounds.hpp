#pragma once

#include <array>
#include <cstdint>

#include "streamer/demux/libav.hpp"
#include "streamer/index/format.hpp"
#include "streamer/index/track_info.hpp"

namespace carrel::streamer {

/// Of sounds that begin behind the part of the film that libavformat has looked at nothing tells the rate or
/// the channels. Their first packets do, when they are decoded, as libavformat does at the beginning.
class LateSounds {
 public:
  /// `described`: what is known of the stream.
  [[nodiscard]] static bool is_unheard(const AVStream& stream, const TrackInfo& described);

  /// True: the parameters of an unheard stream are complete by this packet of it. They stay so until the next
  /// is read, for libavformat's parser does not know them.
  [[nodiscard]] bool hear(const AVStream& stream, const AVPacket& packet);

  /// Gives a time to what libavformat could not date for want of a rate. `packet` is the next of `stream`,
  /// which is one of the first kMaxIndexTracks.
  void date(const AVStream& stream, AVPacket& packet);

 private:
  struct Heard {
    int rate = 0;  ///< 0: it is not late
    std::int64_t next = AV_NOPTS_VALUE;
  };
  std::array<Heard, kMaxIndexTracks> heard_;
  unsigned tries_ = 0;
};

}  // namespace carrel::streamer
