#pragma once

#include <cstdint>
#include <string>

#include "streamer/demux/framing.hpp"
#include "streamer/demux/libav.hpp"
#include "streamer/index/track_info.hpp"

namespace carrel::streamer {

/// A track before its samples are read.
struct DescribedTrack {
  TrackInfo info;
  std::uint32_t ticks_per_unit = 1;  ///< the demuxer's unit of time is so many ticks of info.timescale
  std::uint64_t bits_per_second = 0;
  std::string extradata;                     ///< libav's, for a decoder
  FramingKind framing = FramingKind::as_is;  ///< of the packets, which is changed to that of MP4
  bool may_lack_times = false;               ///< MPEG-PS: not every picture has a presentation time
  unsigned high_efficiency = 0;  ///< AAC: the object type that its packets turned out to be; 0: as they say
  unsigned dolby_vision_alone = 0;  ///< profile of Dolby Vision that has no picture for others; 0: none of it
  bool is_decoded = false;          ///< there is a decoder that takes it
  std::string name;                 ///< of the codec, for people
  TrackUse use = TrackUse::none;    ///< what is to be done with its samples
  std::string obstacle;             ///< why they do not go out as they are; empty: they do
  std::string refusal;              ///< why it cannot be offered at all, for people; empty: it may be
};

/// The samples shall not go out as they are but be decoded, by the streamer (sound) or a converter (picture).
/// Without a decoder that takes it the track is refused for the same reason.
void have_decoded(DescribedTrack& track, std::string obstacle);

/// No header tells the codec's configuration: the first packets do, of AAC or of a picture whose parameter
/// sets libavformat has not come to.
[[nodiscard]] bool is_described_by_packets(const DescribedTrack& track);

/// What the demuxer did not tell of the picture stands in its parameter sets.
void complete_picture(TrackInfo& info);

[[nodiscard]] DescribedTrack describe_track(const AVStream& stream);

}  // namespace carrel::streamer
