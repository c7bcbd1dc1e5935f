#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "streamer/index/view.hpp"

namespace carrel::streamer {

/// Which coded samples of a track make up a stretch of its sound, and where each begins, counted in decoded
/// samples (of the track's sample rate) from the index's zero. A function of the index alone: whichever
/// stretch is asked for, a coded sample begins at the same place. Containers round times, mostly to a
/// millisecond; a click for each would be heard, so where the coded samples are evidently of one length they
/// are laid side by side until the film's own times are more than 5 ms away: a gap, or an overlap.
struct SourceSpan {
  std::size_t first = 0;                ///< of the track's samples
  std::vector<std::int64_t> positions;  ///< of it and those that follow
  std::int64_t slack = 0;               ///< how far positions may be off; 0 where the length was evident
};

inline constexpr std::size_t kMostSpanSamples = 65536;

/// All coded samples that begin from the last one at or before `from` on, until `to`; at most
/// kMostSpanSamples of them.
[[nodiscard]] SourceSpan span_of(const IndexView::Track& track, std::int64_t from, std::int64_t to);

/// The number of decoded samples in each coded one; 0: they differ, or there are too few to tell.
[[nodiscard]] std::int64_t even_length(const IndexView::Track& track);

}  // namespace carrel::streamer
