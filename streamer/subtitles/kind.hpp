#pragma once

#include <string_view>

#include "streamer/index/track_info.hpp"

/// What kinds of subtitles there are, by the name that their tracks have in the index.
namespace carrel::streamer::subtitles {

inline constexpr std::string_view kSubRip = "SubRip", kAss = "ASS", kWebVtt = "WebVTT",
                                  kTimedText = "Timed text", kPgs = "PGS", kVobSub = "VobSub";
inline constexpr std::string_view kAssKind = "ass", kSupKind = "sup", kVobSubKind = "vobsub";

/// Of the document that a track of this name has beside its cues, or instead of them: "ass", "sup", "vobsub";
/// empty: it has none.
[[nodiscard]] constexpr std::string_view document_kind(const TrackInfo& track) {
  if (track.use == TrackUse::cues) return track.codec_string == kAss ? kAssKind : std::string_view();
  if (track.use != TrackUse::pictures) return {};
  return track.codec_string == kPgs      ? kSupKind
         : track.codec_string == kVobSub ? kVobSubKind
                                         : std::string_view();
}

}  // namespace carrel::streamer::subtitles
