#pragma once

#include <cstdint>
#include <vector>

#include "base/error.hpp"
#include "streamer/index/view.hpp"
#include "streamer/package/package.hpp"

/// Subtitles and chapters as resources. Errors as in package.hpp.
namespace carrel::streamer {

/// The part of the film that one WebVTT segment covers, in ticks of the timeline that leads.
struct CueSpan {
  std::uint64_t start = 0;
  std::uint64_t duration = 0;  ///< not 0
};

/// What every rendition of subtitles is cut by: the picture's segments (without a picture the sound's), so
/// many of them together that a span lasts half a minute or more; the last to the film's end. Empty: the film
/// has nothing that plays.
struct CuePlan {
  std::uint32_t timescale = 1;
  std::vector<CueSpan> spans;
};
[[nodiscard]] CuePlan plan_cues(const IndexView& index);

/// Track `track` has text that is offered: its use is cues.
[[nodiscard]] bool has_cues(const IndexView& index, std::uint32_t track);

[[nodiscard]] Result<Packaged> package_cue_playlist(const IndexView& index, std::uint32_t track);
/// A cue that lasts over a cut is in both segments, with its whole time. `zero`: what the clock of the
/// picture's segments shows at zero of the times, in 1/90,000 s.
[[nodiscard]] Result<Packaged> package_cue_segment(const IndexView& index, std::uint32_t track,
                                                   std::uint32_t segment, std::uint64_t zero = 0);
/// All cues in one WebVTT file.
[[nodiscard]] Result<Packaged> package_subtitles(const IndexView& index, std::uint32_t track);
/// ASS, SUP, or VobSub's .sub.
[[nodiscard]] Result<Packaged> package_subtitle_document(const IndexView& index, std::uint32_t track);
/// VobSub's .idx.
[[nodiscard]] Result<Packaged> package_subtitle_index(const IndexView& index, std::uint32_t track);

[[nodiscard]] Result<Packaged> package_chapters_json(const IndexView& index);
[[nodiscard]] Result<Packaged> package_chapters_vtt(const IndexView& index);

}  // namespace carrel::streamer
