#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/error.hpp"
#include "streamer/index/view.hpp"
#include "streamer/package/adts.hpp"
#include "streamer/package/annexb.hpp"
#include "streamer/package/ts_packets.hpp"
#include "streamer/transcode/aac_plan.hpp"

/// What a film is as MPEG-TS: its picture with one sound, or one sound alone. Times are in 1/90,000 s and
/// begin at kTsOrigin, so that the clock may go before. Pure functions of the index.
namespace carrel::streamer {

inline constexpr std::uint32_t kTsClock = 90'000;
inline constexpr std::uint64_t kTsOrigin = 900'000;
inline constexpr std::uint16_t kTsPicturePid = 0x100, kTsSoundPid = 0x101;

/// When a time of the index is.
[[nodiscard]] std::uint64_t ts_time(std::int64_t ticks, std::uint32_t timescale);

struct TsSegment {
  std::uint64_t start = 0, end = 0;
  std::optional<std::uint32_t> picture;  ///< the picture's segment; none: before or after the picture
};

struct TsPlan {
  const IndexView::Track* picture = nullptr;  ///< null: sound alone
  const IndexView::Track* sound = nullptr;    ///< null: silent
  std::uint32_t sound_number = 0;             ///< of the index
  std::optional<AacPlan> made;                ///< of sound that MPEG-TS does not know as it is
  AnnexB annexb;
  std::int64_t decoded_before =
      0;                     ///< ticks: so much earlier than the index says, so that nothing is shown sooner
  std::optional<Adts> adts;  ///< of AAC
  TsStream picture_stream, sound_stream;
  std::vector<TsSegment> segments;  ///< without a gap; at least one
};

/// `track`: the picture, or a sound in a film without one. A picture goes with the default sound, as it is if
/// MPEG-TS knows its codec, else made into AAC in two channels; with the first that is to be had where that
/// is not. ErrorKind::not_found: MPEG-TS does not know the track's codec.
[[nodiscard]] Result<TsPlan> plan_ts(const IndexView& index, std::uint32_t track);

}  // namespace carrel::streamer
