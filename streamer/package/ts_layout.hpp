#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "streamer/index/view.hpp"
#include "streamer/package/ts_packets.hpp"
#include "streamer/package/ts_plan.hpp"
#include "streamer/transcode/aac_plan.hpp"

/// Where every packet of a segment is.
namespace carrel::streamer {

/// A PES packet: one picture or some frames of sound; or nothing but the clock.
struct TsUnit {
  enum class Kind { picture, sound, clock } kind = Kind::picture;
  TsRun run;
  std::uint64_t pts = 0, dts = 0;
  std::uint32_t first_packet = 0;              ///< of the part
  std::span<const SampleRecord> samples = {};  ///< of the track; one of a picture
  FrameRange frames = {};                      ///< of the plan, where the sound is made
};

/// Packets that are laid out in one go: a whole segment, or of one whose sound is made so much of it that the
/// sound can be made in memory. Its length is known before it is settled.
struct TsPart {
  std::vector<TsUnit> units;
  FrameRange frames;                ///< of the plan: sound to be made; none: it is settled
  std::uint32_t packets = 0;        ///< of all, with the tables
  std::uint32_t sound_packets = 0;  ///< of sound to be made, whatever it becomes
  std::uint32_t before = 0;         ///< packets of the picture in the parts before
  bool with_tables = false;         ///< they are its first packets
};

/// ErrorKind::invalid: the index lies. ErrorKind::not_found: a sample is too large to be made in memory.
[[nodiscard]] Result<std::vector<TsPart>> lay_out(const IndexView& index, const TsPlan& plan,
                                                  std::size_t segment);

inline constexpr std::uint32_t kTsTables = 2;

/// Finds each packet's place when the frames are made: part.frames.count of them, together no larger than
/// aac_room().
void settle(TsPart& part, std::span<const std::string> frames);

}  // namespace carrel::streamer
