#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "streamer/demux/libav.hpp"
#include "streamer/demux/nal.hpp"
#include "streamer/demux/raw_sample.hpp"
#include "streamer/index/track_info.hpp"

namespace carrel::streamer {

/// How many decoded samples the packets of a codec give that come in different lengths: Vorbis. What is
/// decoded has to be put side by side to the sample, and a container's times are too coarse for that.
class SoundLengths {
 public:
  /// Null where the packets need not be looked into.
  [[nodiscard]] static std::unique_ptr<SoundLengths> make(const TrackInfo& info);
  [[nodiscard]] std::uint32_t length_of(Bytes packet);

 private:
  struct Free {
    void operator()(AVVorbisParseContext* context) const { av_vorbis_parse_free(&context); }
  };
  std::unique_ptr<AVVorbisParseContext, Free> vorbis_;
};

/// Gives samples whose lengths are known exact times: in samples of the sound, which becomes the track's
/// timescale; side by side until the container's time is more than 5 ms away. Returns `last_duration` in the
/// new ticks.
std::int64_t lay_side_by_side(std::vector<RawSample>& samples, TrackInfo& info, std::int64_t last_duration);

}  // namespace carrel::streamer
