#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "streamer/demux/joined_clock.hpp"
#include "streamer/demux/joints.hpp"
#include "streamer/demux/libav.hpp"
#include "streamer/demux/steady_clock.hpp"

namespace carrel::streamer {

/// Makes one continuous time of a film whose clock jumps or begins anew.
class FilmClock {
 public:
  /// Both must outlive this.
  FilmClock(const AVFormatContext& format, const Joints& joints);

  /// `packet` is the next of `stream`, which is one of the first kMaxIndexTracks.
  void correct(AVPacket& packet, const AVStream& stream);
  /// What was corrected, for people.
  [[nodiscard]] std::vector<std::string> findings() const;

 private:
  const Joints& joints_;
  const bool jumps_;
  SteadyClock steady_;
  JoinedClock joined_;
  std::size_t part_ = 0;
};

}  // namespace carrel::streamer
