#pragma once

#include <cstdint>
#include <limits>

namespace carrel::streamer {

inline constexpr std::int64_t kNoTime = std::numeric_limits<std::int64_t>::min();

/// How a decoder can begin at a picture (ISO/IEC 14496-12 annex I: types of stream access points).
enum class Entry : std::uint8_t {
  none,      ///< it needs pictures before it
  sync,      ///< type 1 or 2: all that follows decodes
  open,      ///< type 3: pictures that follow but are shown before it do not decode
  doubtful,  ///< sync, or open where a leading picture follows: only the next samples tell
  leading,   ///< such a picture, which does not decode when its entry was begun at
};

/// When a picture is shown, where its container does not tell.
enum class Shown : std::uint8_t {
  unknown,
  at_once,                ///< a picture between two others
  before_next_reference,  ///< when all that lie between it and the next one are through
};

/// A packet of a track, its bytes proven to lie in the film. Times in ticks of the track.
struct RawSample {
  std::uint64_t offset = 0;  ///< of the film; of a scattered sample: its first piece
  std::uint32_t size = 0;
  std::uint32_t set_bytes = 0;   ///< of its size: parameter sets, at its beginning
  std::uint32_t set_pieces = 0;  ///< of its pieces: those of the sets
  std::uint32_t length = 0;      ///< decoded samples of sound; 0: not known
  bool scattered : 1 = false;
  bool container_key : 1 = false;
  bool hidden = false;  ///< an edit list leaves it out
  Shown shown = Shown::unknown;
  Entry entry = Entry::none;
  std::int64_t pts = kNoTime;
  std::int64_t dts = kNoTime;
  std::int64_t order = kNoTime;  ///< of showing, from the sync sample on
};
// There are millions of them at once.
static_assert(sizeof(RawSample) == 56);

}  // namespace carrel::streamer
