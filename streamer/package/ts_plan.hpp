#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/error.hpp"
#include "streamer/index/view.hpp"
#include "streamer/package/adts.hpp"
#include "streamer/package/annexb.hpp"
#include "streamer/package/ts_packets.hpp"

/// What a film is as MPEG-TS: its picture with one sound, or one sound alone. Times are in 1/90,000 s and
/// begin at kTsOrigin, so that the clock may go before. Pure functions of the index.
namespace carrel::streamer {

inline constexpr std::uint64_t kTsOrigin = 900'000;

struct TsSegment {
  std::uint64_t start = 0, end = 0;
  std::optional<std::uint32_t> picture;  ///< the picture's segment; none: before or after the picture
};

struct TsPlan {
  const IndexView::Track* picture = nullptr;  ///< null: sound alone
  const IndexView::Track* sound = nullptr;    ///< null: silent
  AnnexB annexb;
  std::int64_t decoded_before =
      0;                     ///< ticks: so much earlier than the index says, so that nothing is shown sooner
  std::optional<Adts> adts;  ///< of AAC
  TsStream picture_stream, sound_stream;
  std::vector<TsSegment> segments;  ///< without a gap; at least one
};

/// `track`: the picture, or a sound in a film without one. A picture goes with the default sound if MPEG-TS
/// knows it, else with the first that it knows. ErrorKind::not_found: MPEG-TS does not know the track's
/// codec.
[[nodiscard]] Result<TsPlan> plan_ts(const IndexView& index, std::uint32_t track);

/// A PES packet: one picture or some frames of sound; or nothing but the clock.
struct TsUnit {
  enum class Kind { picture, sound, clock } kind = Kind::picture;
  TsRun run;
  std::uint64_t pts = 0, dts = 0;
  std::uint32_t first_packet = 0;              ///< of the segment
  std::span<const SampleRecord> samples = {};  ///< of the track; one of a picture
};

/// Every packet of a segment, in order.
struct TsLayout {
  std::vector<TsUnit> units;
  std::uint32_t packets = 0;  ///< with the two tables
};

/// ErrorKind::invalid: the index lies. ErrorKind::not_found: a sample is too large to be made in memory.
[[nodiscard]] Result<TsLayout> lay_out(const IndexView& index, const TsPlan& plan, std::size_t segment);

}  // namespace carrel::streamer
